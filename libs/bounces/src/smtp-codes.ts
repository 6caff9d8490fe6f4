export interface SmtpCodes {
  /** RFC 3463. */
  readonly status?: string;
  readonly replyCode?: number;
}

/** Not part of an IP address or a version: neither digit nor dot before it, nor more of them after it. */
const STATUS = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)/;
/** Where replies stand: first in a line, after a mark, or after a word that announces one. */
const REPLY =
  /(?:^|[\n:<;("'#>]|\b(?:said|was|code|error|reply|response|returned|with|status|reason|server)\b)[ \t(<"':#]{0,4}([45][0-57]\d)(?=[ \t-]|[.;:,)"'\n]|$)/i;
/** Before a status they can stand anywhere. */
const REPLY_BEFORE_STATUS = /\b([45][0-57]\d)[ -]{1,2}#?[45]\.\d{1,3}\.\d{1,3}/;

/** Of a reply as text, with what is said around it. */
const REPLY_CHARS = 1_000;

/** The first of each in a text. */
export function codesIn(text: string): SmtpCodes {
  const status = STATUS.exec(text)?.[1];
  const reply = (REPLY_BEFORE_STATUS.exec(text) ?? REPLY.exec(text))?.[1];
  return {
    ...(status === undefined ? {} : { status }),
    ...(reply === undefined ? {} : { replyCode: Number(reply) }),
  };
}

/** The first reply of the other side in a text, to the end of its paragraph; empty when there is none. */
export function replyIn(text: string): string {
  const announced = REPLY.exec(text);
  const found = [REPLY_BEFORE_STATUS, STATUS].map((pattern) => pattern.exec(text)?.index ?? text.length);
  const at = Math.min(...found, announced ? announced.index + announced[0].search(/\d{3}$/) : text.length);
  const [paragraph = ''] = text
    .slice(at, at + REPLY_CHARS)
    .trimStart()
    .split(/\r?\n[ \t]{0,20}\r?\n/);
  return paragraph;
}

/** A status out of a field; undefined when there is none. */
export function statusIn(text: string): string | undefined {
  return STATUS.exec(text)?.[1];
}

/** True when the codes say that the same may work later. */
export function isTemporary({ status, replyCode }: SmtpCodes): boolean {
  if (replyCode !== undefined) return replyCode < 500;
  return status?.startsWith('4') ?? false;
}
