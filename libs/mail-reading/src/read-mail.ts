import { fileNameIn } from '#libs/kernel';
import { readRaw } from './read-raw.ts';
import type { MailAttachment, ReadMail } from './types.ts';

/**
 * Reads a message (RFC 5322, MIME) in this thread. Never rejects: what is wrong with the message is in `warnings`, with
 * what could be read. A large one takes this thread for long; see createMailReader.
 */
export async function readMail(raw: Uint8Array): Promise<ReadMail> {
  return withSafeNames(await readRaw(raw));
}

export function withSafeNames(mail: ReadMail): ReadMail {
  return { ...mail, attachments: mail.attachments.map(withSafeName) };
}

function withSafeName({ name: given, ...attachment }: MailAttachment): MailAttachment {
  const name = fileNameIn(given)?.toWellFormed();
  return name === undefined ? attachment : { name, ...attachment };
}
