import { addressKeyOf, tryParseAddress } from '#libs/mail-addresses';
import { checkHeaders, checkLine } from './check-headers.ts';
import { invalidMail } from './errors.ts';
import type { Attachment, Envelope, Mail, Mailbox } from './types.ts';

export const MAIL_LIMITS = {
  /** RFC 5321 4.5.3.1.8: what every server takes. */
  recipients: 100,
  /** Of texts and attachments together, before they are encoded, which adds a third. */
  contentBytes: 30 * 1_048_576,
  attachments: 100,
  subjectLength: 998,
  nameLength: 256,
} as const;

const MESSAGE_ID = /^<[!-;=?A-~]{1,240}@[!-;=?A-~]{1,240}>$/;
/** Whether it can be sent as one; what came in with a mail may be none. */
export function isMessageId(text: string): boolean {
  return MESSAGE_ID.test(text);
}

const CONTENT_ID = /^[\w.+@-]{1,200}$/;
const MEDIA_TYPE = /^(?!multipart\/)[\w.+-]{1,64}\/[\w.+-]{1,100}(?: *; *[\w-]{1,64}=[\w.+-]{1,100})*$/i;
const ENVID = /^[!-~]{1,100}$/;

/** Throws OutboundMailError INVALID_MAIL for what must not be sent. Nothing is mended: a mended address is somebody else's. */
export function checkMail(mail: Mail): void {
  checkEnvelope(mail.envelope);
  checkMailboxes(mail);
  checkLine('the subject', mail.subject, MAIL_LIMITS.subjectLength);
  checkIds(mail);
  checkHeaders(mail.headers ?? {});
  checkUnsubscribe(mail.listUnsubscribe);
  if (Number.isNaN(Date.parse(mail.date))) throw invalidMail('the date is not an instant');
  checkContent(mail);
}

function checkEnvelope({ from, to, dsn }: Envelope): void {
  if (from !== '') checkAddress('the sender of the envelope', from);
  if (to.length === 0) throw invalidMail('the mail has no recipient');
  if (to.length > MAIL_LIMITS.recipients) {
    throw invalidMail(`the mail has more than ${MAIL_LIMITS.recipients} recipients; send it in parts`);
  }
  const seen = new Set<string>();
  for (const address of to) {
    checkAddress('a recipient', address);
    if (seen.size === seen.add(addressKeyOf(address)).size) throw invalidMail('a recipient is named twice');
  }
  if (dsn && !ENVID.test(dsn.envid)) throw invalidMail('the envid must be 1 to 100 visible characters of ASCII');
}

function checkMailboxes({ from, to, cc = [], replyTo }: Mail): void {
  if (to.length + cc.length > MAIL_LIMITS.recipients) {
    throw invalidMail(`To and Cc name more than ${MAIL_LIMITS.recipients} addresses`);
  }
  checkMailbox('From', from);
  for (const mailbox of to) checkMailbox('To', mailbox);
  for (const mailbox of cc) checkMailbox('Cc', mailbox);
  if (replyTo) checkMailbox('Reply-To', replyTo);
}

function checkMailbox(header: string, { address, name = '' }: Mailbox): void {
  checkAddress(header, address);
  checkLine(`a name in ${header}`, name, MAIL_LIMITS.nameLength);
}

function checkAddress(what: string, address: string): void {
  const parsed = tryParseAddress(address);
  if (!parsed.ok) throw invalidMail(`${what}: ${parsed.problem}`);
}

function checkIds({ messageId, inReplyTo, references = [] }: Mail): void {
  if (references.length > 100) throw invalidMail('the mail has more than 100 references');
  for (const id of [messageId, ...(inReplyTo === undefined ? [] : [inReplyTo]), ...references]) {
    if (!MESSAGE_ID.test(id)) throw invalidMail('a message id must be of the form <name@domain>, in ASCII');
  }
}

function checkUnsubscribe(url: string | undefined): void {
  if (url === undefined) return;
  const parsed = URL.parse(url);
  const fits = parsed?.protocol === 'https:' && parsed.username === '' && parsed.href.length <= 900;
  if (!fits) throw invalidMail('the address to unsubscribe at must be an https URL of at most 900 characters');
}

function checkContent({ text, html, attachments = [] }: Mail): void {
  if (text === undefined && html === undefined) throw invalidMail('the mail has neither text nor HTML');
  if (attachments.length > MAIL_LIMITS.attachments) {
    throw invalidMail(`the mail has more than ${MAIL_LIMITS.attachments} attachments`);
  }
  attachments.forEach(checkAttachment);
  const bytes = attachments.reduce((sum, { content }) => sum + content.length, bytesOf(text) + bytesOf(html));
  if (bytes > MAIL_LIMITS.contentBytes) {
    throw invalidMail(`texts and attachments are larger than ${MAIL_LIMITS.contentBytes} bytes together`);
  }
}

function bytesOf(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text, 'utf8');
}

function checkAttachment({ name, mediaType, content, contentId }: Attachment): void {
  checkLine('the name of an attachment', name, MAIL_LIMITS.nameLength);
  if (name === '') throw invalidMail('an attachment has no name');
  if (!MEDIA_TYPE.test(mediaType))
    throw invalidMail('the media type of an attachment must be such as image/png, and not multipart');
  if (!Buffer.isBuffer(content)) throw invalidMail('the content of an attachment must be a Buffer');
  if (contentId !== undefined && !CONTENT_ID.test(contentId)) {
    throw invalidMail('a content id has letters, digits, dot, dash, underscore, plus and @ alone');
  }
}
