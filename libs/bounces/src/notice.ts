import { headerOf, MAIL_LIMITS, partsOf, type MailPart, type ReturnedMail } from './returned-mail.ts';

/** The text of a notice: what it says, and what it returns of the mail that it is about. */
export interface Notice {
  readonly said: string;
  readonly returned: string;
}

const RULE = '[-=_*+~#. ]{0,80}';
const MESSAGE = '(?:message|mail|e-?mail|letter|headers?|text)';
/** Lines after which the returned mail begins. */
const MARKS: readonly RegExp[] = [
  new RegExp(
    `^${RULE}(?:below this line is a|this is a|here is a|a|included is a|the following is a|enclosed is a|attached is a|beginning of|start of) (?:\\w{1,10} ){0,2}copy of (?:\\w{1,10} ){0,2}${MESSAGE}`,
    'i',
  ),
  new RegExp(
    `^${RULE}(?:the |your |start of |begin |beginning of )?(?:original|unsent|returned|undelivered|bounced) ${MESSAGE}(?: ${MESSAGE})?(?: text| body| is| was)?(?: follows| attached| below| information)?${RULE}:?${RULE}$`,
    'i',
  ),
  new RegExp(
    `^${RULE}(?:the )?${MESSAGE} ?${MESSAGE}?s?(?: of the original message)?(?: are| is)? (?:follows?|attached|below)${RULE}:?${RULE}$`,
    'i',
  ),
  new RegExp(`^${RULE}(?:headers|header) of the (?:original|message|mail)`, 'i'),
  /^(?:received: (?:from|by) |return-path: ?<|x-originating-ip: |dkim-signature: |arc-seal: )/i,
];

/** What a mail that is returned whole, or with its headers alone, comes in. */
const RETURNED_TYPES = [
  'message/rfc822',
  'message/global',
  'text/rfc822-headers',
  'message/global-headers',
  'message/rfc822-headers',
];

export function noticeOf(mail: ReturnedMail): Notice {
  const lines = readableText(mail).split(/\r\n|\r|\n/);
  const at = lines.findIndex((line) => line.length < 400 && MARKS.some((mark) => mark.test(line.trim())));
  const said = at === -1 ? lines : lines.slice(0, at);
  const returned = at === -1 ? [] : lines.slice(at);
  const attached = RETURNED_TYPES.flatMap((type) => partsOf(mail, type)).map((part) => part.text);
  return { said: said.join('\n'), returned: [...attached, returned.join('\n')].join('\n').trim() };
}

/** The body; where a mail is so badly formed that it has none, all parts that could have been it. */
function readableText(mail: ReturnedMail): string {
  const readable = mail.parts.filter(({ mediaType }) => /^text\/(?:plain|html)/.test(mediaType));
  // A type with more in it is one whose parameters were broken off: no parser takes that part for the body.
  const isTorn = readable.some(({ mediaType }) => /\s/.test(mediaType));
  if (mail.text.trim() !== '' && !isTorn) return mail.text;
  const texts = readable.map(toText);
  return texts.join('\n').slice(0, MAIL_LIMITS.textChars);
}

/** The readable text of a part that may be HTML. */
function toText({ mediaType, text }: MailPart): string {
  return mediaType === 'text/html' ? text.replaceAll(/<[^<>]{0,2000}>/g, ' ') : text;
}

/** A header of the returned mail; empty when it isn't there. */
export function returnedHeader(notice: Notice, name: string): string {
  const head = notice.returned.slice(0, MAIL_LIMITS.textChars).replaceAll(/\r?\n[ \t]{1,100}(?=\S)/g, ' ');
  return new RegExp(`^[>| ]{0,4}${name} {0,2}:(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
}

/** By the sender of the notice: programs that carry mail, and not people. */
export function isFromMailSystem(mail: ReturnedMail): boolean {
  const from = headerOf(mail, 'from') || headerOf(mail, 'sender');
  return /(?:\b|_)(?:smtp|mta)(?:\b|_)|\b(?:mailer-?daemon|mail[ -]?delivery|mail (?:delivery )?(?:sub)?system|post[_-]?master|mdaemon|mailerdaemon|mail administrator|mail router|mail-?robot|postoffice|delivery (?:sub)?system|bounce(?:s|d)?|undeliver\w{1,6}|internet mail delivery|microsoft exchange|mail[ -]?system|email[ -]?(?:gateway|delivery)|system administrator|mailmarshal|smtp gateway)\b/i.test(
    from,
  );
}
