import { Inject, Injectable } from '@nestjs/common';
import { classifyReturnedMail, type FailedRecipient, type ReturnedMail } from '#libs/bounces';
import { toInstant, type Clock } from '#libs/kernel';
import { addressKeyOf } from '#libs/mail-addresses';
import { MailLedger, type MailEntry } from '#libs/mail-ledger';
import type { MailReader, ReadMail } from '#libs/mail-reading';
import type { ReceivedMail } from '#libs/smtp-door';
import { consequenceOf, SuppressionList, type Consequence } from '#libs/suppressions';
import { CLOCK } from '../platform/tokens.ts';
import { MailMetrics } from './mail-metrics.ts';
import { MAIL_READER } from './tokens.ts';

/**
 * What comes back to the return path of a mail of ours. That path is known to the one who got the mail and to servers on its
 * way, so whatever comes is believed of that one recipient, and of nobody else.
 */
@Injectable()
export class TakeReturnedMail {
  constructor(
    private readonly ledger: MailLedger,
    private readonly suppressions: SuppressionList,
    private readonly metrics: MailMetrics,
    @Inject(MAIL_READER) private readonly reader: MailReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when what follows is stored; what is no news changes nothing. */
  async take(mailKey: string, { raw, envelopeFrom }: Pick<ReceivedMail, 'raw' | 'envelopeFrom'>): Promise<void> {
    const mail = await this.ledger.find(mailKey);
    // So old that nothing is known of it any more.
    if (!mail) return;
    const read = await this.reader.read(raw);
    const { kind, recipients } = classifyReturnedMail(returnedMailOf(read, envelopeFrom, mail));
    const [failed] = recipients;
    this.metrics.returned(failed?.kind ?? kind);
    if (!failed || failed.kind === 'delayed' || isKnown(mail, failed)) return;
    // First what counts: should we die in between, it comes again, and this is still to be done.
    if (isAbout(mail, failed)) await this.#suppress(mail, failed);
    await this.ledger.append(entryOf(mail, failed, toInstant(this.clock.nowMs())));
  }

  async #suppress(mail: MailEntry, failed: FailedRecipient): Promise<void> {
    const { workspaceId, address, executionId, mailKey } = mail;
    const nowMs = this.clock.nowMs();
    const isCounted = consequenceOf(failed.kind).kind === 'counted';
    const bounce = { mailKey, atMs: nowMs };
    const softBounces = isCounted ? await this.suppressions.countSoft(workspaceId, address, bounce) : 0;
    const consequence = consequenceOf(failed.kind, softBounces);
    if (consequence.kind !== 'suppressed') return;
    await this.suppressions.add({
      ...{ workspaceId, address, executionId, topic: null, at: toInstant(nowMs) },
      reason: consequence.reason,
      detail: failed.diagnostic.slice(0, 500),
      expiresAt: expiryOf(consequence, nowMs),
    });
  }
}

function expiryOf({ forMs }: Extract<Consequence, { kind: 'suppressed' }>, nowMs: number): string | null {
  return forMs === undefined ? null : toInstant(nowMs + forMs);
}

/** A notice of several recipients may not tell which of them was this one: that is written down, and nothing follows. */
function isAbout({ address }: MailEntry, failed: FailedRecipient): boolean {
  return failed.address !== undefined && addressKeyOf(failed.address) === addressKeyOf(address);
}

function isKnown({ kind, reason }: MailEntry, failed: FailedRecipient): boolean {
  return failed.kind === 'complaint' ? kind === 'complained' : kind === 'bounced' && reason === failed.kind;
}

function entryOf(mail: MailEntry, failed: FailedRecipient, at: string): MailEntry {
  const { kind, replyCode, status, rule, diagnostic } = failed;
  const isComplaint = kind === 'complaint';
  return {
    ...mail,
    kind: isComplaint ? 'complained' : 'bounced',
    at,
    attempt: 0,
    reason: isComplaint ? failed.reason : kind,
    replyCode: replyCode ?? null,
    status: status ?? null,
    text: `${rule}: ${diagnostic}`.slice(0, 500),
  };
}

function returnedMailOf(read: ReadMail, envelopeFrom: string, { address }: MailEntry): ReturnedMail {
  const { headers, subject, text, parts } = read;
  return { headers, subject, text, parts, envelopeFrom, recipientHint: address };
}
