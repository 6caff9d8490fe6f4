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
}

const sender = z
  .string()
  .max(254)
  .regex(/^[^\s@,;:<>]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be an address, or @ and a domain')
  .toLowerCase();

export const emailTriggerConfigSchema: z.ZodType<EmailTriggerConfig> = z.strictObject({
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
        'Senders that are let in, by the address of the envelope: addresses, or `@example.com` for all at a domain. Anybody may write any address there, so it keeps out noise, not enemies: see `require`.',
      examples: [['orders@example.com', '@partner.example']],
    }),
  require: z.enum(['nothing', 'dmarc']).default('nothing').meta({
    description:
      '`dmarc`: a message is refused unless SPF or DKIM prove that it is of the domain in its From header (RFC 7489).',
  }),
});
