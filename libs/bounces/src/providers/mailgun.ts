import { z } from 'zod';
import type { ProviderEvent } from './provider-event.ts';

const text = z.string().optional();
const noticeSchema = z.object({
  'event-data': z.object({
    event: z.string(),
    id: text,
    severity: text,
    recipient: text,
    'delivery-status': z
      .object({ code: z.number().optional(), message: text, description: text, 'enhanced-code': text })
      .optional(),
    message: z.object({ headers: z.object({ 'message-id': text }).optional() }).optional(),
  }),
});
type Data = z.infer<typeof noticeSchema>['event-data'];

/** What the webhook of Mailgun sends, one event a notice. */
export function readMailgun(notice: unknown): readonly ProviderEvent[] | undefined {
  const parsed = noticeSchema.safeParse(notice);
  if (!parsed.success) return undefined;
  const { 'event-data': data } = parsed.data;
  if (data.event === 'complained' || data.event === 'unsubscribed') {
    return [{ ...toEvent(data), rule: `mailgun.${data.event}`, outcome: 'complaint' }];
  }
  if (data.event !== 'failed') return [];
  // A permanent failure is one that is not tried again, for whatever reason: what it was, the reply says.
  const isDelayed = data.severity === 'temporary';
  return [{ ...toEvent(data), rule: 'mailgun.failed', outcome: isDelayed ? 'delayed' : 'failed' }];
}

function toEvent(data: Data): Omit<ProviderEvent, 'rule' | 'outcome'> {
  const { 'delivery-status': status = {}, message } = data;
  return {
    address: data.recipient,
    status: status['enhanced-code'],
    diagnostic: wordsOf(status),
    messageId: message?.headers?.['message-id'],
    envelopeId: data.id,
  };
}

function wordsOf({ code, message, description }: NonNullable<Data['delivery-status']>): string {
  return [code?.toString(), message || description].filter(Boolean).join(' ');
}
