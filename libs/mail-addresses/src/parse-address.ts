/** One mailbox as an SMTP envelope names it (`addr-spec` of RFC 5322, without comments and quoted parts). */
export interface MailAddress {
  /** As written, the domain in lower case. At most 254 characters of ASCII. */
  readonly address: string;
  /** As written: whether case matters is for the server of the domain to say. At most 64 characters. */
  readonly localPart: string;
  /** A host name of two labels or more, in lower case, without a dot at the end. */
  readonly domain: string;
}

/** Exactly one of the two. */
export type ParsedAddress =
  | { readonly ok: true; readonly address: MailAddress }
  | { readonly ok: false; /** What is wrong and what to write instead. */ readonly problem: string };

/** RFC 5321 4.5.3.1: 256 for a path with its angle brackets. */
export const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

/**
 * What some mail software would read as a second address, a name, a group or a command. A string with one of these is
 * refused whole and never mended: a library that takes it for a list sends the mail to somebody else.
 */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/, 'has a line break or another control character'],
  [/\s/, 'has a space; write the address alone, without a name'],
  [/[,;:]/, 'has a comma, semicolon or colon; write one address for each recipient'],
  [/[<>]/, 'has angle brackets; write the address alone, without a name'],
  [/"/, 'has a quoted part, which is not supported; use an address without quotes'],
  [/[()\\]/, 'has a comment or a backslash; write the address alone'],
  [/[[\]]/, 'has an IP address for its domain, which is not supported; use a name'],
];

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`);
/** Nobody has such a top-level domain, and IPv4 addresses look so. */
const NUMERIC_END = /(?:^|\.)\d+$/;

/** Reads one address and nothing around it: no name, no list, no spaces. Never throws. */
export function tryParseAddress(text: string): ParsedAddress {
  if (text.length > LONGEST_ADDRESS) return refused(`is longer than ${LONGEST_ADDRESS} characters`);
  const found = FORBIDDEN.find(([pattern]) => pattern.test(text));
  if (found) return refused(found[1]);
  const [localPart = '', written, ...more] = text.split('@');
  if (written === undefined || more.length > 0) return refused('needs exactly one @, such as in ann@example.com');
  const domain = written.toLowerCase();
  const problem = problemOfLocalPart(localPart) ?? problemOfDomain(domain);
  return problem === undefined
    ? { ok: true, address: { address: `${localPart}@${domain}`, localPart, domain } }
    : refused(problem);
}

function refused(problem: string): ParsedAddress {
  return { ok: false, problem: `the address ${problem}` };
}

function problemOfLocalPart(localPart: string): string | undefined {
  if (!isAscii(localPart)) {
    return 'has letters outside ASCII before the @, which many servers do not take (SMTPUTF8); use one in ASCII';
  }
  if (localPart.length > LONGEST_LOCAL_PART) return `has more than ${LONGEST_LOCAL_PART} characters before the @`;
  return LOCAL_PART.test(localPart) ? undefined : 'has no valid name before the @, such as in ann@example.com';
}

function problemOfDomain(domain: string): string | undefined {
  if (!isAscii(domain)) return 'has a domain outside ASCII; write it as xn--…';
  if (DOMAIN.test(domain) && !NUMERIC_END.test(domain)) return undefined;
  return 'has no domain of two labels or more after the @, such as in ann@example.com';
}

function isAscii(text: string): boolean {
  return !/[^ -~]/.test(text);
}
