import { addressesIn, keyOf } from './mail-address.ts';
import { returnedHeader, type Notice } from './notice.ts';
import { headerOf, MAIL_LIMITS, type ReturnedMail } from './returned-mail.ts';

/** What a notice without a machine-readable part says of one recipient. */
export interface Passage {
  readonly address?: string;
  readonly text: string;
}

/** Who is never the one that a notice is about. */
const SYSTEM_ADDRESS =
  /^(?:mailer-?daemon|postmaster|abuse|support|help|helpdesk|noc|no-?reply|root|hostmaster|admin|administrator)@/i;
const SAID_OF_RECIPIENT =
  /^[\s>*"'([-]{0,10}(?:[45]\d\d[ -])?(?:<?[^\s@]{1,64}@|(?:<<<|>>>|original-|final-|(?:unknown|invalid|failed|intended|target|unreachable)\s)?\s{0,3}(?:rcpt to|to|recipients?|recipient address|mail address|address|user|for|mailbox|e-?mail|final-recipient|original-recipient)\b[\s:;<"'(]{0,6}(?:rfc822; ?)?[^\s@]{0,64}@)/i;
const SAID_OF_SENDER =
  /\b(?:mail from|(?<!generated )from|sender|reply-to|return-path|contact|message-id|posted by)\b[\s:;<"'(]{0,6}[^\s@]{1,64}@/i;
/** After it come those that a mail did not reach; before it there may be those that it was written to. */
const HEADING =
  /\b(?:following|these|intended|failed|one or more)\b.{0,30}\b(?:recipients?|addresse?e?s?|users?|destinations?)\b|\bdid not reach\b/i;

/** The recipients that a free text names, each with the lines about it; one without an address when it names none. */
export function passagesOf(mail: ReturnedMail, notice: Notice): readonly Passage[] {
  const recipients = recipientsOf(mail, notice);
  if (recipients.length < 2) return [{ ...addressed(recipients[0]), text: notice.said }];
  const { passageChars } = MAIL_LIMITS;
  return recipients.map((address) => ({
    address,
    text: linesAbout(address, recipients, notice.said).slice(0, passageChars),
  }));
}

function addressed(address: string | undefined): { readonly address?: string } {
  return address === undefined ? {} : { address };
}

function recipientsOf(mail: ReturnedMail, notice: Notice): readonly string[] {
  const named = addressesIn(headerOf(mail, 'x-failed-recipients'));
  if (named.length > 0) return named;
  const own = ownAddresses(mail, notice);
  const lines = notice.said.split('\n').filter((line) => line.length < 1_000);
  const listed = lines.slice(lines.findIndex((line) => HEADING.test(line)) + 1);
  const original = addressesIn(returnedHeader(notice, 'to'));
  const isSystem = (address: string): boolean => SYSTEM_ADDRESS.test(address);
  const isOther = (address: string): boolean => !own.has(keyOf(address)) && !isSystem(address);
  const candidates = [listed, lines].flatMap((some) => [
    marked(some).filter(isOther),
    mentioned(some).filter(isOther).slice(0, 1),
  ]);
  // Who writes to themselves is both.
  const found = [...candidates, original.filter(isOther), marked(lines).filter((address) => !isSystem(address))];
  return (found.find((addresses) => addresses.length > 0) ?? []).slice(0, MAIL_LIMITS.recipients);
}

function marked(lines: readonly string[]): readonly string[] {
  const those = lines.filter((line) => SAID_OF_RECIPIENT.test(line));
  return addressesIn(those.map(firstAddress).join('\n'));
}

function mentioned(lines: readonly string[]): readonly string[] {
  return addressesIn(lines.filter((line) => !SAID_OF_SENDER.test(line)).join('\n'));
}

/** Of whom the mail was, whom the notice came to and who wrote it. */
function ownAddresses(mail: ReturnedMail, notice: Notice): ReadonlySet<string> {
  const headers = ['to', 'from', 'delivered-to', 'reply-to'].map((name) => headerOf(mail, name));
  const returned = ['from', 'return-path', 'reply-to', 'sender'].map((name) => returnedHeader(notice, name));
  return new Set(addressesIn([...headers, ...returned].join('\n')).map(keyOf));
}

function firstAddress(line: string): string {
  return addressesIn(line)[0] ?? '';
}

/** From each line that names it to the next one that names another recipient. */
function linesAbout(address: string, recipients: readonly string[], said: string): string {
  const others = recipients.map(keyOf).filter((other) => other !== keyOf(address));
  const about: string[] = [];
  let isAbout = false;
  for (const line of said.split('\n')) {
    const lower = line.toLowerCase();
    if (lower.includes(keyOf(address))) isAbout = true;
    else if (lower.includes('@') && others.some((other) => lower.includes(other))) isAbout = false;
    if (isAbout) about.push(line);
  }
  return about.join('\n');
}
