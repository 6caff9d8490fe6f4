import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;
/** Of a whole message, as it is sent. */
export const LARGEST_MESSAGE_BYTES = 25 * MEBIBYTE;

/** Config of `trigger.email` with its defaults. */
export interface EmailTriggerConfig {
  readonly maxBytes: number;
  /** Senders that are let in, as the envelope names them: addresses, or `@example.com` for all at a domain; absent: anybody. */
  readonly allowFrom?: readonly string[] | undefined;
  /** `dmarc`: only mail whose From is proven to be of its domain. */
  readonly require: 'nothing' | 'dmarc';
  /** A mailbox that is watched; absent: mail is sent to an address of the node. */
  readonly imap?: InboxConfig | undefined;
}

export interface InboxConfig {
  readonly credentialId: string;
  /** Its path on the server. */
  readonly mailbox: string;
  /** What becomes of a message there once its execution is in the log. */
  readonly afterwards: 'nothing' | 'seen' | 'delete' | { readonly moveTo: string };
}

const sender = z
  .string()
  .max(254)
  .regex(/^[^\s@,;:<>]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be an address, or @ and a domain')
  .toLowerCase();

const mailboxPath = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters');

const imap = z.strictObject({
  credentialId: z.string().min(1).max(100).meta({ description: 'The id of a credential of type imap; no expression.' }),
  mailbox: mailboxPath.default('INBOX'),
  afterwards: z
    .union([z.enum(['nothing', 'seen', 'delete']), z.strictObject({ moveTo: mailboxPath })])
    .default('nothing')
    .meta({ description: 'What becomes of a message in the mailbox once its execution is in the log.' }),
});

export const emailTriggerConfigSchema: z.ZodType<EmailTriggerConfig> = z
  .strictObject({
    maxBytes: z
      .int()
      .min(1)
      .max(LARGEST_MESSAGE_BYTES)
      .default(LARGEST_MESSAGE_BYTES)
      .meta({ description: 'Larger messages are refused while they are sent.' }),
    allowFrom: z
      .array(sender)
      .min(1)
      .max(100)
      .optional()
      .meta({
        description:
          'Senders that are let in, by the address of the envelope (of a mailbox: by From): addresses, or `@example.com` for all at a domain. Anybody may write any address there, so it keeps out noise, not enemies: see `require`.',
        examples: [['orders@example.com', '@partner.example']],
      }),
    require: z.enum(['nothing', 'dmarc']).default('nothing').meta({
      description:
        '`dmarc`: a message is refused unless SPF or DKIM prove that it is of the domain in its From header (RFC 7489).',
    }),
    imap: imap.optional().meta({
      description:
        'A mailbox elsewhere that is watched by IMAP, instead of an address of its own. What is there already starts nothing.',
      examples: [{ credentialId: 'cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j', mailbox: 'INBOX', afterwards: 'seen' }],
    }),
  })
  .refine(({ imap, require }) => !imap || require === 'nothing', {
    path: ['require'],
    message: 'can not be asked of a mailbox: how a message came there, its server alone knows',
  });
