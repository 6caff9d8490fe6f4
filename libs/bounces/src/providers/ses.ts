import { z } from 'zod';
import type { FailureReason } from '../bounce-report.ts';
import { jsonIn } from '../json-text.ts';
import type { ProviderEvent } from './provider-event.ts';

const text = z.string().optional();

/** Amazon SNS around it, unless raw delivery is on. */
const envelopeSchema = z.object({ Type: z.literal('Notification'), Message: z.string() });

const recipientSchema = z.object({ emailAddress: z.string(), status: text, diagnosticCode: text });
const mailSchema = z.object({ messageId: text, commonHeaders: z.object({ messageId: text }).optional() });
type Recipient = z.infer<typeof recipientSchema>;

/** Notifications have `notificationType`, events of a configuration set `eventType`. */
const noticeSchema = z.object({
  notificationType: text,
  eventType: text,
  mail: mailSchema,
  bounce: z.object({ bounceType: text, bounceSubType: text, bouncedRecipients: z.array(recipientSchema) }).optional(),
  complaint: z
    .object({ complaintFeedbackType: text.nullable(), complainedRecipients: z.array(recipientSchema) })
    .optional(),
  deliveryDelay: z.object({ delayType: text, delayedRecipients: z.array(recipientSchema) }).optional(),
});
type Notice = z.infer<typeof noticeSchema>;

const REASONS: Readonly<Record<string, FailureReason>> = {
  NoEmail: 'userUnknown',
  Suppressed: 'userUnknown',
  OnAccountSuppressionList: 'userUnknown',
  MailboxFull: 'mailboxFull',
  MessageTooLarge: 'messageTooBig',
  ContentRejected: 'contentRejected',
  AttachmentRejected: 'contentRejected',
  SpamDetected: 'spamDetected',
};

const OUTCOMES: Readonly<Record<string, ProviderEvent['outcome']>> = { Permanent: 'permanent', Transient: 'temporary' };

/** Bounces, complaints and delays of Amazon SES, as SNS delivers them. */
export function readSes(notice: unknown): readonly ProviderEvent[] | undefined {
  const envelope = envelopeSchema.safeParse(notice);
  const parsed = noticeSchema.safeParse(envelope.success ? jsonIn(envelope.data.Message) : notice);
  if (!parsed.success || (parsed.data.notificationType ?? parsed.data.eventType) === undefined) return undefined;
  return [...bounces(parsed.data), ...complaints(parsed.data), ...delays(parsed.data)];
}

function bounces({ bounce, mail }: Notice): readonly ProviderEvent[] {
  const { bounceType = '', bounceSubType = '', bouncedRecipients = [] } = bounce ?? {};
  const outcome = OUTCOMES[bounceType] ?? 'failed';
  return bouncedRecipients.map((recipient) => ({
    ...toEvent(recipient, mail),
    rule: `ses.${outcome}`,
    outcome,
    reason: REASONS[bounceSubType],
  }));
}

function complaints({ complaint, mail }: Notice): readonly ProviderEvent[] {
  // Somebody took a mail back out of the spam folder, or a mail failed DMARC: nothing that a person complains of.
  if (['not-spam', 'auth-failure'].includes(complaint?.complaintFeedbackType ?? '')) return [];
  const recipients = complaint?.complainedRecipients ?? [];
  return recipients.map((recipient) => ({ ...toEvent(recipient, mail), rule: 'ses.complaint', outcome: 'complaint' }));
}

function delays({ deliveryDelay, mail }: Notice): readonly ProviderEvent[] {
  const { delayType = '', delayedRecipients = [] } = deliveryDelay ?? {};
  return delayedRecipients.map((recipient) => ({
    ...toEvent(recipient, mail),
    rule: 'ses.delay',
    outcome: 'delayed',
    reason: REASONS[delayType],
  }));
}

function toEvent(recipient: Recipient, mail: Notice['mail']): Omit<ProviderEvent, 'rule' | 'outcome'> {
  return {
    address: recipient.emailAddress,
    status: recipient.status,
    diagnostic: recipient.diagnosticCode,
    messageId: mail.commonHeaders?.messageId,
    envelopeId: mail.messageId,
  };
}
