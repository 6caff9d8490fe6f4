import { z } from 'zod';

/**
 * Bytes to send, as `response: "file"` or the attachment of a mail gives them: as base64, or by their SHA-256 a file that the
 * trigger brought. What else stands there is of no account here.
 */
export interface FileContent {
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly contentBase64?: string | undefined;
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  readonly contentId?: string | undefined;
  readonly isInline?: boolean | undefined;
}

/** A field of a form, or a file in it. */
export type Part =
  | { readonly name: string; readonly value: string | number | boolean | null }
  | {
      readonly name: string;
      readonly filename: string;
      readonly mediaType?: string;
      readonly text?: string;
      readonly contentBase64?: string;
      readonly sha256?: string;
    };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(\s*;[\t\x20-\x7e]*)?$/;

const contentBase64 = z
  .string()
  .refine((text) => text.length % 4 === 0 && BASE64.test(text), 'must be base64 with its padding');
const mediaType = z
  .string()
  .max(255)
  .refine((text) => MEDIA_TYPE.test(text), 'must be a media type such as image/png');
const partName = z.string().min(1).max(1_024);

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
  .meta({
    description: 'Without content: the file with this SHA-256 that the trigger brought, such as an attachment.',
  });

export const fileSchema: z.ZodType<FileContent> = z
  .strictObject({
    name: z.string().max(1_024).optional(),
    mediaType: mediaType.optional(),
    contentBase64: contentBase64.optional(),
    bytes: z.int().min(0).optional(),
    sha256: sha256.optional(),
    contentId: z.string().max(1_024).optional(),
    isInline: z.boolean().optional(),
  })
  .refine((file) => file.contentBase64 !== undefined || file.sha256 !== undefined, {
    path: ['contentBase64'],
    message: 'is missing, and so is the sha256 of a file that the trigger brought',
  });

export const multipartSchema: z.ZodType<readonly Part[]> = z
  .array(
    z.union([
      z.strictObject({ name: partName, value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
      z.strictObject({ name: partName, filename: partName, mediaType: mediaType.optional(), contentBase64 }),
      z.strictObject({ name: partName, filename: partName, mediaType: mediaType.optional(), text: z.string() }),
      z.strictObject({ name: partName, filename: partName, mediaType: mediaType.optional(), sha256 }),
    ]),
  )
  .min(1)
  .max(100);
