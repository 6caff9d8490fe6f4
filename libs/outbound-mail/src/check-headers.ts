import { invalidMail } from './errors.ts';

const NAME = /^[a-z][a-z0-9-]{0,75}$/i;
const LONGEST_VALUE = 2_000;
const MOST_HEADERS = 50;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Written by this library, by servers on the way, or of weight for whom a mail goes to and what it is. */
const OWNED = new Set([
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'dkim-signature',
  'domainkey-signature',
  'return-path',
  'received',
  'delivered-to',
  'authentication-results',
  'auto-submitted',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'disposition-notification-to',
]);
const OWNED_PREFIXES = ['content-', 'resent-', 'arc-', 'received-'];

/** Throws OutboundMailError INVALID_MAIL for headers that callers may not set, or that are none. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  if (entries.length > MOST_HEADERS) throw invalidMail(`the mail has more than ${MOST_HEADERS} headers`);
  for (const [name, value] of entries) {
    if (!NAME.test(name)) throw invalidMail('the name of a header must have letters, digits and dashes alone');
    const lower = name.toLowerCase();
    if (OWNED.has(lower) || OWNED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
      throw invalidMail(`the header ${lower} is not one that can be set by its name`);
    }
    checkLine(`the header ${lower}`, value, LONGEST_VALUE);
  }
}

/** Throws OutboundMailError INVALID_MAIL unless it is one line that ends nowhere else than where it says. */
export function checkLine(what: string, text: string, longest: number): void {
  if (CONTROL.test(text)) throw invalidMail(`${what} has a line break or another control character`);
  if (text.length > longest) throw invalidMail(`${what} is longer than ${longest} characters`);
}
