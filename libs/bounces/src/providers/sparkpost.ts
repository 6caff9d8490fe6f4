import { z } from 'zod';
import type { FailureReason } from '../bounce-report.ts';
import type { ProviderEvent } from './provider-event.ts';

const text = z.string().optional();
const eventSchema = z.object({
  type: z.string(),
  rcpt_to: text,
  raw_rcpt_to: text,
  bounce_class: z.coerce.number().optional(),
  raw_reason: text,
  reason: text,
  message_id: text,
});
type Event = z.infer<typeof eventSchema>;

/** `message_event`, `unsubscribe_event` and others in a wrapper each. */
const batchSchema = z.array(z.object({ msys: z.record(z.string(), z.unknown()) })).min(1);

type Verdict = Pick<ProviderEvent, 'outcome' | 'reason'>;
const says = (outcome: ProviderEvent['outcome'], reason?: FailureReason): Verdict => ({ outcome, reason });

/** By `bounce_class`. */
const VERDICTS: Readonly<Record<number, Verdict>> = {
  10: says('permanent', 'userUnknown'),
  20: says('temporary'),
  21: says('temporary', 'networkError'),
  22: says('temporary', 'mailboxFull'),
  23: says('refused', 'messageTooBig'),
  24: says('temporary', 'expired'),
  25: says('failed'),
  30: says('permanent', 'userUnknown'),
  40: says('temporary'),
  50: says('refused', 'policyRefused'),
  51: says('refused', 'blocked'),
  52: says('refused', 'spamDetected'),
  53: says('refused', 'contentRejected'),
  54: says('refused', 'relayDenied'),
  70: says('delayed'),
  90: says('complaint'),
};

/** Answers of programs, subscriptions and challenges come as bounces as well. */
const NO_FAILURES = [60, 80, 100];
const FAILURES = ['bounce', 'out_of_band', 'policy_rejection'];
const COMPLAINTS = ['spam_complaint', 'list_unsubscribe', 'link_unsubscribe'];

/** What the webhook of SparkPost (Bird) sends: an array in which bounces stand between whatever else happened. */
export function readSparkpost(notice: unknown): readonly ProviderEvent[] | undefined {
  const batch = batchSchema.safeParse(notice);
  if (!batch.success) return undefined;
  return batch.data
    .flatMap(({ msys }) => Object.values(msys))
    .flatMap((entry) => {
      const event = eventSchema.safeParse(entry);
      return event.success ? readEvent(event.data) : [];
    });
}

function readEvent(event: Event): readonly ProviderEvent[] {
  const { type, bounce_class: bounceClass = 0 } = event;
  if (COMPLAINTS.includes(type)) return [toEvent(event, says('complaint'), type)];
  if (type === 'delay') return [toEvent(event, says('delayed'), type)];
  if (!FAILURES.includes(type) || NO_FAILURES.includes(bounceClass)) return [];
  return [toEvent(event, VERDICTS[bounceClass] ?? says('failed'), `class${bounceClass}`)];
}

function toEvent(event: Event, verdict: Verdict, name: string): ProviderEvent {
  return {
    ...verdict,
    rule: `sparkpost.${name}`,
    address: event.raw_rcpt_to ?? event.rcpt_to,
    diagnostic: event.raw_reason || event.reason,
    envelopeId: event.message_id,
  };
}
