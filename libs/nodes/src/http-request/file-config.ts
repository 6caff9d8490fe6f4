import { z } from 'zod';

/** Bytes to send, as `response: "file"` gives them; what else stands in that is of no account here. */
export interface FileContent {
  readonly name?: string;
  readonly mediaType?: string;
  readonly contentBase64: string;
  readonly bytes?: number;
  readonly sha256?: string;
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

export const fileSchema: z.ZodType<FileContent> = z.strictObject({
  name: z.string().max(1_024).optional(),
  mediaType: mediaType.optional(),
  contentBase64,
  bytes: z.int().min(0).optional(),
  sha256: z.string().max(64).optional(),
});

export const multipartSchema: z.ZodType<readonly Part[]> = z
  .array(
    z.union([
      z.strictObject({ name: partName, value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
      z.strictObject({ name: partName, filename: partName, mediaType: mediaType.optional(), contentBase64 }),
      z.strictObject({ name: partName, filename: partName, mediaType: mediaType.optional(), text: z.string() }),
    ]),
  )
  .min(1)
  .max(100);
