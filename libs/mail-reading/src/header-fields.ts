import type { Email } from 'postal-mime';
import { mailboxesOf, mailboxIn } from './addresses.ts';
import { MAIL_LIMITS } from './limits.ts';
import { withoutNul } from './plain-text.ts';
import type { MailHeader, ReadMail } from './types.ts';
import type { Warnings } from './warnings.ts';

export type HeaderFields = Omit<ReadMail, 'text' | 'html' | 'attachments' | 'nested' | 'parts' | 'warnings'>;

const MESSAGE_ID = /<[^<>\s]+>/g;

export function headerFieldsOf(email: Email, warnings: Warnings): HeaderFields {
  const headers = email.headers.map(({ key, value }) => ({ name: withoutNul(key), value: withoutNul(value) }));
  if (headers.length === 0) warnings.add('the message has no headers');
  return {
    subject: withoutNul(email.subject ?? ''),
    ...given('messageId', messageIdsIn(email.messageId)[0]),
    ...given('from', mailboxIn(email.from, warnings)),
    ...given('sender', mailboxIn(email.sender, warnings)),
    replyTo: mailboxesOf(email.replyTo, warnings),
    to: mailboxesOf(email.to, warnings),
    cc: mailboxesOf(email.cc, warnings),
    ...given('date', dateOf(email.date, warnings)),
    ...given('inReplyTo', messageIdsIn(email.inReplyTo)[0]),
    references: messageIdsIn(email.references).slice(-MAIL_LIMITS.references),
    headers,
    isAutoSubmitted: isAutoSubmitted(headers),
  };
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  const made: { [K in Key]?: Value } = {};
  if (value !== undefined) made[key] = value;
  return made;
}

function messageIdsIn(value: string | undefined): string[] {
  return withoutNul(value ?? '').match(MESSAGE_ID) ?? [];
}

function dateOf(date: string | undefined, warnings: Warnings): string | undefined {
  if (date === undefined) return undefined;
  const epochMs = Date.parse(date);
  if (!Number.isNaN(epochMs)) return new Date(epochMs).toISOString();
  warnings.add('the date could not be read');
  return undefined;
}

/** RFC 3834, 5; besides, what programs say that are older than it. */
function isAutoSubmitted(headers: readonly MailHeader[]): boolean {
  return headers.some(({ name, value }) => {
    const word = value.trim().toLowerCase();
    switch (name) {
      case 'auto-submitted':
        return !/^no\b/.test(word);
      case 'precedence':
        return word === 'auto_reply';
      case 'x-autoreply':
      case 'x-autorespond':
        return word !== 'no';
      default:
        return false;
    }
  });
}
