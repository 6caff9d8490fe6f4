import { z } from 'zod';

// Messages say what is wrong and never repeat what was given: it is a secret.

/** RFC 7617: a colon ends the user name, and control characters have no place in either part. */
const basicPart = (allowed: RegExp, message: string) => z.string().max(8_192).regex(allowed, message);
const NO_CONTROLS = /^[^\p{Cc}\p{Cs}]*$/u;
const NO_CONTROLS_OR_COLON = /^[^\p{Cc}\p{Cs}:]*$/u;

export const basicData = z
  .strictObject({
    username: basicPart(NO_CONTROLS_OR_COLON, 'must not hold a colon or control characters'),
    password: basicPart(NO_CONTROLS, 'must not hold control characters'),
  })
  .meta({ description: 'Sent as `Authorization: Basic …`; either part may be empty.' });

export const bearerData = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .max(16_384)
      .regex(/^[\x21-\x7e]*$/, 'must hold visible ASCII characters only, and no spaces'),
  })
  .meta({ description: 'Sent as `Authorization: Bearer …`.' });

export const headerData = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, 'must be a header name'),
    value: z
      .string()
      .min(1)
      .max(16_384)
      .regex(/^[\x20-\x7e\x80-\xff]*$/, 'must hold only characters that a header may have'),
  })
  .meta({ description: 'Sent as a header of its own, e.g. `X-Api-Key`.' });

export const webhookSecretData = z
  .strictObject({
    secret: z.string().min(1).max(8_192),
    previousSecret: z
      .string()
      .min(1)
      .max(8_192)
      .optional()
      .meta({ description: 'Accepted beside `secret` while senders change over.' }),
  })
  .meta({ description: 'What senders of webhooks sign their calls with.' });

export const smtpData = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9.:-]*$/, 'must be a host name or an address'),
    port: z.int().min(1).max(65_535),
    secure: z.boolean().meta({ description: 'TLS from the first byte; without it STARTTLS is used where offered.' }),
    username: z.string().min(1).max(1_000).regex(NO_CONTROLS, 'must not hold control characters').optional(),
    password: z.string().min(1).max(8_192).regex(NO_CONTROLS, 'must not hold control characters').optional(),
  })
  .meta({ description: 'A server that takes mail.' });
