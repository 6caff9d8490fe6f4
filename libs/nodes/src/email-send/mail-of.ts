import { toInstant } from '#libs/kernel';
import { domainOf } from '#libs/mail-addresses';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import {
  isMessageId,
  MAIL_LIMITS,
  type Attachment,
  type Mail,
  type Mailbox as OutboundMailbox,
} from '#libs/outbound-mail';
import type { FileContent } from '../http-request/file-config.ts';
import type { EmailSendConfig, Mailbox } from './config.ts';
import type { MailContent } from './content-of.ts';

/** RFC 5322 wants no more than what leads to the mail that is answered. */
const MOST_REFERENCES = 100;

/**
 * The mail of an attempt but for what it says. Its Message-ID follows from the node and its execution, so that all attempts at it have the same,
 * and whoever gets a second copy can tell.
 */
export async function mailOf(
  config: EmailSendConfig,
  { idempotencyKey, file }: Pick<AttemptContext, 'idempotencyKey' | 'file'>,
  nowMs: number,
): Promise<Omit<Mail, keyof MailContent>> {
  const { from, to, cc, bcc, replyTo, headers, inReplyTo, references } = config;
  const attachments = await attachmentsOf(config.attachments, file);
  return {
    messageId: `<${idempotencyKey}@${domainOf(from.address)}>`,
    date: toInstant(nowMs),
    from: outbound(from),
    to: to.map(outbound),
    cc: cc.map(outbound),
    ...(replyTo ? { replyTo: outbound(replyTo) } : {}),
    attachments,
    headers,
    ...(inReplyTo && isMessageId(inReplyTo) ? { inReplyTo } : {}),
    references: references.filter(isMessageId).slice(-MOST_REFERENCES),
    autoSubmitted: true,
    envelope: { from: from.address, to: [...to, ...cc, ...bcc].map(({ address }) => address) },
  };
}

function outbound({ address, name }: Mailbox): OutboundMailbox {
  return name === undefined ? { address } : { address, name };
}

/** One after the other, each file once, and no more than a mail may have: a name for a large file is short. */
async function attachmentsOf(files: readonly FileContent[], read: AttemptContext['file']): Promise<Attachment[]> {
  const known = new Map<string, Promise<Uint8Array>>();
  const readOnce = (sha256: string): Promise<Uint8Array> => {
    const reading = known.get(sha256) ?? read(sha256);
    known.set(sha256, reading);
    return reading;
  };
  const attachments: Attachment[] = [];
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    const attachment = await attachmentOf(file, index, readOnce);
    bytes += attachment.content.byteLength;
    if (bytes > MAIL_LIMITS.contentBytes) throw attachmentsTooLarge();
    attachments.push(attachment);
  }
  return attachments;
}

function attachmentsTooLarge(): NodeError {
  const message = `the attachments have more than ${MAIL_LIMITS.contentBytes} bytes together`;
  return new NodeError('EMAIL_INVALID', message, { retryable: false });
}

async function attachmentOf(
  { name, mediaType = 'application/octet-stream', contentBase64, sha256 = '', contentId, isInline }: FileContent,
  index: number,
  read: AttemptContext['file'],
): Promise<Attachment> {
  const content = contentBase64 === undefined ? await read(sha256) : Buffer.from(contentBase64, 'base64');
  return {
    name: name ?? `attachment-${index + 1}`,
    mediaType,
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    ...(contentId === undefined ? {} : { contentId }),
    ...(isInline === undefined ? {} : { inline: isInline }),
  };
}
