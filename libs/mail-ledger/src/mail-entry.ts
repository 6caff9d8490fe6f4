import { z } from 'zod';
import { InvariantError } from '#libs/kernel';

/** One mail to one of its recipients, whatever becomes of it. */
const recipientSchema = z.object({
  /** Of `mailKeyOf`. */
  mailKey: z.string(),
  workspaceId: z.string(),
  executionId: z.string(),
  nodeId: z.string(),
  credentialId: z.string(),
  /** As the sender wrote it. */
  address: z.string(),
  /** What it was about, for those who unsubscribe; null for mail that nobody can unsubscribe from. */
  topic: z.string().nullable(),
});
export type MailRecipient = Readonly<z.infer<typeof recipientSchema>>;

const KINDS = [
  /** It is being handed over; without a later entry nobody knows what came of it. */
  'sending',
  'sent',
  /** The server said that it does not take it now. */
  'deferred',
  /** The server said no. */
  'refused',
  /** It did not come to a server that takes mail: no connection, no TLS, no sign-in. */
  'unsent',
  /** The server was given it and never answered. */
  'unknown',
  /** Nobody tried, as the recipient is on the list of those who get no mail. */
  'suppressed',
  /** A server returned it later. */
  'bounced',
  /** The recipient called it spam. */
  'complained',
  'unsubscribed',
] as const;

const entrySchema = recipientSchema.extend({
  kind: z.enum(KINDS),
  at: z.string(),
  /** Of the node, from 1; 0 for what came later. */
  attempt: z.int().min(0),
  /** A code: of the error, of what the list says, or the kind of bounce. */
  reason: z.string().nullable(),
  /** Of SMTP, e.g. 550. */
  replyCode: z.int().nullable(),
  /** RFC 3463, e.g. `5.1.1`. */
  status: z.string().nullable(),
  /** What the server said, or the rule by which a bounce was known; at most 500 characters. */
  text: z.string().nullable(),
});
export type MailEntry = Readonly<z.infer<typeof entrySchema>>;
export type MailEntryKind = MailEntry['kind'];

export function encodeMailEntry(entry: MailEntry): string {
  return JSON.stringify(entry);
}

/** `sequence` is for the message of an error alone. */
export function decodeMailEntry(data: Uint8Array, sequence: number): MailEntry {
  const parsed = entrySchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
  if (parsed.success) return parsed.data;
  throw new InvariantError(`message ${sequence} is no entry of the mail ledger: ${z.prettifyError(parsed.error)}`);
}
