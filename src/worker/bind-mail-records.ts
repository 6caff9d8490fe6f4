import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { AttemptMails, MailLedger, MailLinks } from '#libs/mail-ledger';
import { LateMailRecords } from '#libs/nodes';
import { SuppressionList } from '#libs/suppressions';
import { CLOCK } from '../platform/tokens.ts';

/** Gives mail nodes their records, which need the connections of this process. */
@Injectable()
export class BindMailRecords {
  constructor(
    late: LateMailRecords,
    ledger: MailLedger,
    suppressions: SuppressionList,
    links: MailLinks,
    @Inject(CLOCK) clock: Clock,
  ) {
    late.bind(new AttemptMails({ ledger, suppressions, links, clock }));
  }
}
