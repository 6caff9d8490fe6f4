import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock } from '#libs/kernel';
import type { WorkflowRecord } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { ReadVersions } from './read-versions.ts';
import type { EndpointReader } from './rotate-endpoint.ts';
import { webhookViewsOf, type WebhookView } from './webhook-view.ts';

/** The webhooks of a workflow as callers see them. */
@Injectable()
export class ReadWebhooks implements EndpointReader<WebhookView> {
  readonly type = 'trigger.webhook';

  constructor(
    private readonly versions: ReadVersions,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of(record: WorkflowRecord): Promise<WebhookView[]> {
    const active = await this.versions.activeDefinitionOf(record);
    const { publicUrl } = this.config.http;
    return webhookViewsOf(record, { active, publicUrl, nowMs: this.clock.nowMs() });
  }

  missing(id: string): MillraceError {
    return new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${id}`);
  }
}
