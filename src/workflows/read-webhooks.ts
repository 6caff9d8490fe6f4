import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { WorkflowRecord } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { ReadVersions } from './read-versions.ts';
import type { EndpointReader } from './rotate-endpoint.ts';
import { webhookViewsOf, type WebhookView } from './webhook-view.ts';

/** The webhooks of a workflow as callers see them. */
@Injectable()
export class ReadWebhooks implements EndpointReader<WebhookView> {
  readonly kind = 'url';

  constructor(
    private readonly versions: ReadVersions,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of(record: WorkflowRecord): Promise<WebhookView[]> {
    const active = await this.versions.activeDefinitionOf(record);
    const { publicUrl } = this.config.http;
    const { nodeTypes } = this;
    return webhookViewsOf(record, { active, nodeTypes, publicUrl, nowMs: this.clock.nowMs() });
  }

  missing(id: string): MillraceError {
    return new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${id}`);
  }
}
