import { z } from 'zod';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** As `response: "file"` of http.request or the attachment of a mail gives it; what else stands there is of no account here. */
const file = z
  .strictObject({
    name: z
      .string()
      .max(1_024)
      .optional()
      .meta({ title: 'Name', description: 'Of the file.', examples: ['a.png'] }),
    mediaType: z
      .string()
      .max(255)
      .optional()
      .meta({ title: 'Media type', description: 'Slack finds it out by itself.', examples: ['image/png'] }),
    contentBase64: z
      .string()
      .refine((text) => text.length % 4 === 0 && BASE64.test(text), 'must be base64 with its padding')
      .optional()
      .meta({ title: 'Content', description: 'In base64.', examples: ['SGVsbG8='] }),
    bytes: z
      .int()
      .min(0)
      .optional()
      .meta({ title: 'Size', description: 'In bytes.', examples: [5] }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
      .optional()
      .meta({
        title: 'SHA-256',
        description: 'Without content: the file with this SHA-256 that the trigger brought, such as an attachment.',
        examples: ['185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
      }),
    contentId: z
      .string()
      .max(1_024)
      .optional()
      .meta({ title: 'Content id', description: 'Of an attachment.', examples: ['logo@example.com'] }),
    isInline: z
      .boolean()
      .optional()
      .meta({ title: 'Inline', description: 'Whether an attachment stands in its mail.', examples: [false] }),
  })
  .refine(({ contentBase64, sha256 }) => contentBase64 !== undefined || sha256 !== undefined, {
    path: ['contentBase64'],
    message: 'is missing, and so is the sha256 of a file that the trigger brought',
  });

/** Fields of a config that has one file. */
export const fileContent = {
  name: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ title: 'Name', description: 'Of the file; default that of `file`.', examples: ['report.txt'] }),
  text: z
    .string()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ title: 'Text', description: 'The content as text, or give file.', examples: ['All is well'] }),
  file: file.optional().meta({
    title: 'File',
    description: 'A file such as http.request or a mail gives it, or give text.',
    examples: [{ name: 'hello.txt', contentBase64: 'SGVsbG8=' }],
  }),
};

export function hasContent({ text, file: given }: { readonly text?: unknown; readonly file?: unknown }): boolean {
  return (text === undefined) !== (given === undefined);
}
export const MISSING_CONTENT = { path: ['text'], message: 'must be given, or file must, and not both' };
