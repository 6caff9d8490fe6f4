import type { BounceReport, FailedRecipient } from './bounce-report.ts';
import { keyOf } from './mail-address.ts';
import { MAIL_LIMITS } from './returned-mail.ts';

export const NOT_BOUNCE: BounceReport = { kind: 'notBounce', recipients: [] };
export const AUTO_REPLY: BounceReport = { kind: 'autoReply', recipients: [] };

/** Each recipient once: aliases that lead to the same address say the same of it several times. */
export function reportOf(kind: BounceReport['kind'], recipients: readonly FailedRecipient[]): BounceReport {
  const byAddress = new Map<string | number, FailedRecipient>();
  for (const [index, recipient] of recipients.entries()) {
    const key = recipient.address === undefined ? index : keyOf(recipient.address);
    const known = byAddress.get(key);
    if (!known || isWorse(recipient, known)) byAddress.set(key, recipient);
  }
  return { kind, recipients: [...byAddress.values()].slice(0, MAIL_LIMITS.recipients) };
}

function isWorse({ kind }: FailedRecipient, known: FailedRecipient): boolean {
  return kind === 'complaint' ? known.kind !== 'complaint' : kind === 'hard' && known.kind !== 'hard';
}
