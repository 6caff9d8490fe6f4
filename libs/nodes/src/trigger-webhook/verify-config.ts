import { HMAC_DEFAULTS, TOLERANCE_SECONDS, type VerifyConfig } from '#libs/webhook-signatures';
import { z } from 'zod';
import { isHeaderName } from '../header-names.ts';

const credentialId = z.string().min(1).max(100);
const headerName = z
  .string()
  .max(256)
  .refine(isHeaderName, { error: 'is not a header name' })
  .transform((name) => name.toLowerCase());
const HOUR_SECONDS = 3_600;
const toleranceSeconds = z
  .int()
  .min(1)
  .max(HOUR_SECONDS)
  .default(TOLERANCE_SECONDS)
  .meta({ description: 'How far the time of a signature may be from ours, either way.' });

/** How calls prove where they come from; `{scheme: "none"}` stands for none. */
export const verifySchema: z.ZodType<VerifyConfig | { readonly scheme: 'none' }> = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('none') }),
  z.strictObject({ scheme: z.literal('basic'), credentialId }),
  z.strictObject({
    scheme: z.literal('bearer'),
    credentialId,
    header: headerName
      .optional()
      .meta({ description: 'Where the token is, alone; default `Authorization: Bearer …`.' }),
  }),
  z.strictObject({
    scheme: z.literal('hmac'),
    credentialId,
    algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512']).default(HMAC_DEFAULTS.algorithm),
    header: headerName.default(HMAC_DEFAULTS.header),
    encoding: z.enum(['hex', 'base64']).default(HMAC_DEFAULTS.encoding),
    prefix: z
      .string()
      .max(64)
      .default(HMAC_DEFAULTS.prefix)
      .meta({ description: 'What stands before the signature, such as `sha256=`.' }),
    timestampHeader: headerName.optional().meta({
      description: 'Where the seconds since 1970 are; then `<seconds>.<body>` is signed, and old calls are refused.',
    }),
    toleranceSeconds,
  }),
  z.strictObject({ scheme: z.literal('github'), credentialId }),
  z.strictObject({ scheme: z.literal('standard-webhooks'), credentialId, toleranceSeconds }),
  z.strictObject({ scheme: z.literal('slack'), credentialId, toleranceSeconds }),
  z.strictObject({ scheme: z.literal('stripe'), credentialId, toleranceSeconds }),
]);
