import { z } from 'zod';
import type { ProviderEvent } from './provider-event.ts';

const text = z.string().optional();
const eventSchema = z.object({
  event: z.string(),
  email: z.string(),
  /** Of a `bounce`: `bounce` or `blocked`. */
  type: text,
  status: text,
  reason: text,
  response: text,
  'smtp-id': text,
  sg_message_id: text,
});
type Event = z.infer<typeof eventSchema>;

/** What its webhook sends: an array in which bounces stand between whatever else happened, each with an id of its own. */
const batchSchema = z.array(z.object({ event: z.string(), sg_event_id: z.string() }).loose()).min(1);

/** What its list of bounces holds. */
const listedSchema = z
  .array(z.object({ created: z.union([z.string(), z.number()]), email: z.string(), reason: z.string(), status: text }))
  .min(1);

/** Events of Twilio SendGrid: the webhook's, and entries of the list of bounces. */
export function readSendgrid(notice: unknown): readonly ProviderEvent[] | undefined {
  const listed = listedSchema.safeParse(notice);
  if (listed.success) return listed.data.map((entry) => toEvent({ ...entry, event: 'bounce' }, 'failed', 'bounce'));
  const batch = batchSchema.safeParse(notice);
  if (!batch.success) return undefined;
  return batch.data.flatMap((entry) => {
    const event = eventSchema.safeParse(entry);
    return event.success ? readEvent(event.data) : [];
  });
}

function readEvent(event: Event): readonly ProviderEvent[] {
  if (event.event === 'bounce') {
    return [event.type === 'blocked' ? toEvent(event, 'refused', 'blocked') : toEvent(event, 'failed', 'bounce')];
  }
  if (event.event === 'dropped') return [dropped(event)];
  if (event.event === 'deferred') return [toEvent(event, 'delayed', 'deferred')];
  const isComplaint = ['spamreport', 'unsubscribe', 'group_unsubscribe'].includes(event.event);
  return isComplaint ? [toEvent(event, 'complaint', event.event)] : [];
}

/** Not sent at all, for what is on record of the address. */
function dropped(event: Event): ProviderEvent {
  const reason = event.reason ?? '';
  if (/\b(?:bounced|invalid)\b/i.test(reason)) {
    return { ...toEvent(event, 'permanent', 'dropped'), reason: 'userUnknown' };
  }
  if (/\b(?:spam reporting|unsubscribed)\b/i.test(reason)) return toEvent(event, 'complaint', 'dropped');
  return toEvent(event, 'refused', 'dropped');
}

function toEvent(event: Event, outcome: ProviderEvent['outcome'], name: string): ProviderEvent {
  return {
    rule: `sendgrid.${name}`,
    outcome,
    address: event.email,
    status: event.status,
    diagnostic: event.reason ?? event.response,
    messageId: event['smtp-id'],
    envelopeId: event.sg_message_id,
  };
}
