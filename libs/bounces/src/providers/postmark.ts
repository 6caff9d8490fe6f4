import { z } from 'zod';
import type { FailureReason } from '../bounce-report.ts';
import type { ProviderEvent } from './provider-event.ts';

const text = z.string().optional();
const noticeSchema = z.object({
  RecordType: z.enum(['Bounce', 'SpamComplaint', 'SubscriptionChange']),
  Type: text,
  Email: text,
  Recipient: text,
  Details: text,
  Description: text,
  SuppressSending: z.boolean().optional(),
  MessageID: text,
});
type Notice = z.infer<typeof noticeSchema>;
type Verdict = Pick<ProviderEvent, 'outcome' | 'reason'>;

const refused = (reason: FailureReason): Verdict => ({ outcome: 'refused', reason });

/** Types that say more than that it failed. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  HardBounce: { outcome: 'permanent', reason: 'userUnknown' },
  BadEmailAddress: { outcome: 'permanent', reason: 'userUnknown' },
  AddressChange: { outcome: 'permanent', reason: 'hasMoved' },
  SoftBounce: { outcome: 'temporary' },
  DnsError: { outcome: 'temporary', reason: 'networkError' },
  Transient: { outcome: 'delayed' },
  Blocked: refused('blocked'),
  SpamNotification: refused('spamDetected'),
  VirusNotification: refused('virusDetected'),
  DMARCPolicy: refused('authFailure'),
  SpamComplaint: { outcome: 'complaint' },
  Unsubscribe: { outcome: 'complaint' },
  ManuallyDeactivated: refused('policyRefused'),
};

/** Answers of programs come as bounces as well. */
const NO_FAILURES = ['AutoResponder', 'ChallengeVerification', 'OpenRelayTest', 'Subscribe', 'Unconfirmed'];

/** What the webhooks of Postmark send, one event a notice. */
export function readPostmark(notice: unknown): readonly ProviderEvent[] | undefined {
  const parsed = noticeSchema.safeParse(notice);
  if (!parsed.success) return undefined;
  const { RecordType: record, Type: type = record } = parsed.data;
  if (NO_FAILURES.includes(type)) return [];
  if (record === 'SubscriptionChange') return readSubscription(parsed.data);
  const verdict = record === 'SpamComplaint' ? VERDICTS['SpamComplaint'] : VERDICTS[type];
  return [toEvent(parsed.data, verdict ?? { outcome: 'failed' }, type)];
}

/** Suppressed by the recipient's wish, or free again. */
function readSubscription(notice: Notice): readonly ProviderEvent[] {
  return notice.SuppressSending === true ? [toEvent(notice, { outcome: 'complaint' }, 'SubscriptionChange')] : [];
}

function toEvent(notice: Notice, verdict: Verdict, type: string): ProviderEvent {
  return {
    ...verdict,
    rule: `postmark.${/^\w{1,40}$/.test(type) ? type : 'other'}`,
    address: notice.Email ?? notice.Recipient,
    diagnostic: notice.Details || notice.Description,
    envelopeId: notice.MessageID,
  };
}
