import { toInstant } from '#libs/kernel';
import { domainOf } from '#libs/mail-addresses';
import type { AttemptContext } from '#libs/node-kit';
import type { Attachment, Mail, Mailbox as OutboundMailbox } from '#libs/outbound-mail';
import type { FileContent } from '../http-request/file-config.ts';
import type { EmailSendConfig, Mailbox } from './config.ts';

/**
 * The mail of an attempt. Its Message-ID follows from the node and its execution, so that all attempts at it have the same,
 * and whoever gets a second copy can tell.
 */
export async function mailOf(
  config: EmailSendConfig,
  { idempotencyKey, file }: Pick<AttemptContext, 'idempotencyKey' | 'file'>,
  nowMs: number,
): Promise<Mail> {
  const { from, to, cc, bcc, replyTo, subject, text, html, headers, inReplyTo, references } = config;
  const attachments = await Promise.all(config.attachments.map((one, index) => attachmentOf(one, index, file)));
  return {
    messageId: `<${idempotencyKey}@${domainOf(from.address)}>`,
    date: toInstant(nowMs),
    from: outbound(from),
    to: to.map(outbound),
    cc: cc.map(outbound),
    ...(replyTo ? { replyTo: outbound(replyTo) } : {}),
    subject,
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    attachments,
    headers,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    references,
    autoSubmitted: true,
    envelope: { from: from.address, to: [...to, ...cc, ...bcc].map(({ address }) => address) },
  };
}

function outbound({ address, name }: Mailbox): OutboundMailbox {
  return name === undefined ? { address } : { address, name };
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
