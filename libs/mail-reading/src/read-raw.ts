// Runs in worker threads as well, so neither this nor what it imports may import through `#libs`.
import { attachmentsOf } from './attachments.ts';
import { bodyTextOf } from './body-text.ts';
import { parseBounded } from './bounded-parser.ts';
import { endOfHead, headOf } from './head.ts';
import { headerFieldsOf, type HeaderFields } from './header-fields.ts';
import { MAIL_LIMITS } from './limits.ts';
import { nestedMailsOf } from './nested-mail.ts';
import { plainText } from './plain-text.ts';
import { textPartsOf } from './text-parts.ts';
import type { ReadMail } from './types.ts';
import { Warnings } from './warnings.ts';

/** Never rejects. The names of attachments are as the sender wrote them. */
export async function readRaw(raw: Uint8Array): Promise<ReadMail> {
  const warnings = new Warnings();
  try {
    return await readWhole(raw, warnings);
  } catch {
    // A fault of a parser, not of the message; whoever sent it must not be able to stop those who read.
    return readHead(raw, 'the message could not be read: only its headers and its raw text were', warnings);
  }
}

/** What is left when a message can't be read: its headers, and what follows as it is. Never rejects. */
export async function readHead(raw: Uint8Array, why: string, warnings = new Warnings()): Promise<ReadMail> {
  warnings.add(why);
  const rest = raw.subarray(endOfHead(raw)).subarray(0, MAIL_LIMITS.textBytes);
  const text = plainText(new TextDecoder().decode(rest).trimStart(), MAIL_LIMITS.textBytes, 'the text', warnings);
  const fields = await headOf(raw, warnings).catch(() => NO_FIELDS);
  return { ...fields, text, html: null, attachments: [], nested: [], parts: [], warnings: warnings.all() };
}

async function readWhole(raw: Uint8Array, warnings: Warnings): Promise<ReadMail> {
  const { email, root } = await parseBounded(raw, warnings);
  const fields = headerFieldsOf(email, warnings);
  const body = bodyTextOf(email, root, warnings);
  const attachments = attachmentsOf(email, warnings);
  const nested = await nestedMailsOf(attachments, warnings);
  const parts = textPartsOf(root, warnings);
  return { ...fields, ...body, attachments, nested, parts, warnings: warnings.all() };
}

const NO_FIELDS: HeaderFields = {
  subject: '',
  replyTo: [],
  to: [],
  cc: [],
  references: [],
  headers: [],
  isAutoSubmitted: false,
};
