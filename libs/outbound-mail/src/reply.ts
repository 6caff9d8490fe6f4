import type { ServerReply } from './errors.ts';
import type { MailServer, RecipientOutcome } from './types.ts';

const LONGEST_RESPONSE = 500;
const CODES = /^([2-5]\d\d)(?:[ -](\d\.\d{1,3}\.\d{1,3})\b)?/;
/** Shorter ones stand in any text by chance, and blotting them out would tell where. */
const SHORTEST_SECRET = 4;

/** Takes a server's password, in each form that it is sent in, out of what the server says. */
export function createRedaction({ username, password }: Pick<MailServer, 'username' | 'password'>) {
  if (password === undefined || password.length < SHORTEST_SECRET) return (text: string) => text;
  // Without the padding, which servers may leave out where they quote.
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
  const forms = [base64(`\0${username ?? ''}\0${password}`), base64(password), password];
  return (text: string) => forms.reduce((redacted, form) => redacted.replaceAll(form, '[redacted]'), text);
}

/** A reply as it may be shown: one line, bounded, without the password. */
export function textOfReply(response: string, redact: (text: string) => string): string {
  // Redacted before it is cut, so that no half of a password is left at the end.
  return redact(response)
    .replace(/[^\P{Cc}]+/gu, ' ')
    .slice(0, LONGEST_RESPONSE);
}

export function replyOf(response: string | undefined, redact: (text: string) => string): ServerReply {
  if (!response) return {};
  const [, replyCode, enhancedCode] = CODES.exec(response) ?? [];
  return {
    ...(replyCode === undefined ? {} : { replyCode: Number(replyCode) }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
    response: textOfReply(response, redact),
  };
}

/** What nodemailer tells of a recipient that the server did not take. */
export interface RefusedRecipient {
  readonly recipient?: string | undefined;
  readonly response?: string | undefined;
}

/** What became of each recipient, given what was said of those that were not taken. */
export function outcomesOf(
  to: readonly string[],
  refused: readonly RefusedRecipient[],
  redact: (text: string) => string,
): readonly RecipientOutcome[] {
  const replies = new Map(refused.map(({ recipient, response }) => [recipient, replyOf(response, redact)]));
  return to.map((address) => {
    const reply = replies.get(address);
    if (!reply) return { address, outcome: 'accepted' };
    return { address, outcome: isPermanent(reply) ? 'refused' : 'deferred', ...reply };
  });
}

function isPermanent({ replyCode = 0 }: ServerReply): boolean {
  return replyCode >= 500;
}
