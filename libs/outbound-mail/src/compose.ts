import { epochMsOf } from '#libs/kernel';
import DKIM from 'nodemailer/lib/dkim';
import MailComposer from 'nodemailer/lib/mail-composer';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { invalidMail, type OutboundMailError } from './errors.ts';
import type { Attachment, DkimKey, Mail, Mailbox } from './types.ts';

/** Whether such an attachment goes as it is, bytes above 127 too. */
export function isMessage(mediaType: string): boolean {
  return /^message\//i.test(mediaType);
}

/** The message as it goes onto the wire, before dots are doubled. The mail was checked (checkMail). */
export async function compose(mail: Mail, dkim: DkimKey | undefined): Promise<Buffer> {
  const composer = new MailComposer({
    ...mailboxesOf(mail),
    ...contentOf(mail),
    subject: mail.subject,
    messageId: mail.messageId,
    date: new Date(epochMsOf(mail.date)),
    ...(mail.inReplyTo === undefined ? {} : { inReplyTo: mail.inReplyTo }),
    ...(mail.references ? { references: [...mail.references] } : {}),
    headers: headersOf(mail),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  });
  const message = await composer.compile().build();
  return dkim ? sign(message, dkim) : message;
}

function mailboxesOf({ from, to, cc = [], replyTo }: Mail) {
  // Objects, never strings: nodemailer reads lists, groups and comments out of strings.
  return {
    from: mailboxOf(from),
    to: to.map(mailboxOf),
    cc: cc.map(mailboxOf),
    ...(replyTo ? { replyTo: mailboxOf(replyTo) } : {}),
  };
}

function contentOf({ text, html, attachments = [] }: Mail) {
  return {
    ...(text === undefined ? {} : { text: withLineBreaks(text) }),
    ...(html === undefined ? {} : { html: withLineBreaks(html) }),
    attachments: attachments.map(attachmentOf),
  };
}

function mailboxOf({ address, name }: Mailbox): { address: string; name: string } {
  return { address, name: name ?? '' };
}

/** A carriage return alone is made a line break on the way, and what was signed would not be what arrives. */
function withLineBreaks(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

function attachmentOf({ name, mediaType, content, contentId, inline = contentId !== undefined }: Attachment) {
  return {
    filename: name,
    contentType: mediaType,
    // Messages go as they are, everything else in base64.
    content: isMessage(mediaType) ? Buffer.from(withLineBreaks(content.toString('latin1')), 'latin1') : content,
    contentDisposition: inline ? 'inline' : 'attachment',
    ...(contentId === undefined ? {} : { cid: contentId }),
  };
}

function headersOf({ headers = {}, listUnsubscribe, autoSubmitted }: Mail) {
  const own = Object.entries(headers).map(([key, value]) => ({ key, value }));
  if (autoSubmitted) own.push({ key: 'Auto-Submitted', value: 'auto-generated' });
  if (listUnsubscribe !== undefined) {
    own.push(
      { key: 'List-Unsubscribe', value: `<${new URL(listUnsubscribe).href}>` },
      { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    );
  }
  return own;
}

const SIGNED = Buffer.from('DKIM-Signature:');
/** Reading a key takes as long as signing with it. Kept as long as the server that it is of. */
const KEYS = new WeakMap<DkimKey, KeyObject>();

async function sign(message: Buffer, dkim: DkimKey): Promise<Buffer> {
  const key = keyOf(dkim);
  const signer = new DKIM({ domainName: dkim.domain, keySelector: dkim.selector, privateKey: key });
  const signed = await buffer(signer.sign(message));
  // nodemailer leaves the signature out when the key is of no use, and says nothing.
  if (!signed.subarray(0, SIGNED.length).equals(SIGNED)) throw uselessKey();
  return signed;
}

function keyOf(dkim: DkimKey): KeyObject {
  const known = KEYS.get(dkim);
  if (known) return known;
  const key = rsaKeyOf(dkim.privateKey);
  KEYS.set(dkim, key);
  return key;
}

function rsaKeyOf(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What node says of it may tell of the key.
  }
  // nodemailer signs with keys of elliptic curves as if they were of this kind.
  if (key?.asymmetricKeyType !== 'rsa') throw uselessKey();
  return key;
}

function uselessKey(): OutboundMailError {
  return invalidMail('the DKIM key cannot sign; it must be an RSA private key in PEM');
}
