import { epochMsOf } from '#libs/kernel';
import DKIM from 'nodemailer/lib/dkim';
import MailComposer from 'nodemailer/lib/mail-composer';
import { buffer } from 'node:stream/consumers';
import { invalidMail } from './errors.ts';
import type { Attachment, DkimKey, Mail, Mailbox } from './types.ts';

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
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    attachments: attachments.map(attachmentOf),
  };
}

function mailboxOf({ address, name }: Mailbox): { address: string; name: string } {
  return { address, name: name ?? '' };
}

function attachmentOf({ name, mediaType, content, contentId, inline = contentId !== undefined }: Attachment) {
  return {
    filename: name,
    contentType: mediaType,
    content,
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

async function sign(message: Buffer, { domain, selector, privateKey }: DkimKey): Promise<Buffer> {
  const signer = new DKIM({ domainName: domain, keySelector: selector, privateKey });
  const signed = await buffer(signer.sign(message));
  // nodemailer leaves the signature out when the key is of no use, and says nothing.
  if (!signed.subarray(0, SIGNED.length).equals(SIGNED)) {
    throw invalidMail('the DKIM key cannot sign; it must be an RSA private key in PEM');
  }
  return signed;
}
