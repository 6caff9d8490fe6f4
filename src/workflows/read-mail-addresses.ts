import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock } from '#libs/kernel';
import type { WorkflowRecord } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { mailAddressViewsOf, type MailAddressView } from './mail-address-view.ts';
import { ReadVersions } from './read-versions.ts';
import type { EndpointReader } from './rotate-endpoint.ts';

/** The addresses of a workflow's mail triggers. An installation without a domain for mail has none. */
@Injectable()
export class ReadMailAddresses implements EndpointReader<MailAddressView> {
  readonly kind = 'address';

  constructor(
    private readonly versions: ReadVersions,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of(record: WorkflowRecord): Promise<MailAddressView[]> {
    const { mail } = this.config;
    if (!mail) return [];
    const active = await this.versions.activeDefinitionOf(record);
    return mailAddressViewsOf(record, { active, domain: mail.domain, nowMs: this.clock.nowMs() });
  }

  missing(id: string): MillraceError {
    return new MillraceError('notFound', 'MAIL_ADDRESS_NOT_FOUND', `there is no mail address ${id}`);
  }
}
