import type { MailAuthentication } from '#libs/mail-reading';
import type { MailRoute } from '#libs/webhook-routes';
import type { Refusal, TransactionSoFar } from '#libs/smtp-door';

/** What there is to know of a message before it is sent. */
type Announced = Pick<TransactionSoFar, 'envelopeFrom' | 'announcedBytes'>;

/** The part before the `@` of an address of ours; undefined for one of another domain. */
export function localPartOf(address: string, domain: string): string | undefined {
  const at = address.lastIndexOf('@');
  return at > 0 && address.slice(at + 1).toLowerCase() === domain ? address.slice(0, at) : undefined;
}

/** Why a trigger does not take a message; undefined when it may be sent. */
export function whyNotTaken({ mail }: MailRoute, { envelopeFrom, announcedBytes }: Announced): Refusal | undefined {
  if (mail.allowFrom && !isAllowed(mail.allowFrom, envelopeFrom.toLowerCase()))
    return { replyCode: 550, enhancedCode: '5.7.1', text: 'this address takes no mail of this sender' };
  return announcedBytes !== undefined && announcedBytes > mail.maxBytes ? tooLarge(mail.maxBytes) : undefined;
}

export function tooLarge(maxBytes: number): Refusal {
  return { replyCode: 552, enhancedCode: '5.3.4', text: `this address takes messages of up to ${maxBytes} bytes` };
}

export const NOBODY: Refusal = { replyCode: 550, enhancedCode: '5.1.1', text: 'no such address' };
export const OTHER_DOMAIN: Refusal = { replyCode: 550, enhancedCode: '5.7.1', text: 'mail is not passed on to others' };
/** One answer is given for all recipients of a message, so they must take it on the same terms. */
export const APART: Refusal = { replyCode: 452, enhancedCode: '4.5.3', text: 'send it to this address on its own' };
export const BUSY: Refusal = {
  replyCode: 451,
  enhancedCode: '4.3.1',
  text: 'the log takes no more now; try again later',
};
export const CHANGED_MEANWHILE: Refusal = {
  replyCode: 451,
  enhancedCode: '4.2.1',
  text: 'an address stopped meanwhile; send it again',
};
const NOT_PROVEN: Refusal = {
  replyCode: 550,
  enhancedCode: '5.7.1',
  text: 'neither SPF nor DKIM prove that it is of the domain in From (DMARC)',
};

const NOT_PROVEN_YET: Refusal = {
  replyCode: 451,
  enhancedCode: '4.7.1',
  text: 'DNS did not say whether it is of the domain in From (DMARC); try again later',
};
export const UNSURE: Refusal = {
  replyCode: 451,
  enhancedCode: '4.3.0',
  text: 'it is not known now who is here; try again later',
};

/** Why a message is not believed to be of the domain in its From header; undefined when it is. */
export function whyNotProven({ spf, dkim, dmarc }: MailAuthentication): Refusal | undefined {
  if (dmarc.result === 'pass') return undefined;
  // What could not be asked may have proven it.
  const isUnsure = [spf, dmarc, ...dkim].some(({ result }) => result === 'temperror');
  return isUnsure ? NOT_PROVEN_YET : NOT_PROVEN;
}

/** Whether a sender is one of those that are let in, which may be all at a domain. */
export function isAllowed(allowFrom: readonly string[], sender: string): boolean {
  const domain = sender.slice(sender.lastIndexOf('@'));
  return allowFrom.some((allowed) => (allowed.startsWith('@') ? domain === allowed : sender === allowed));
}

/** Whether two triggers take a message, or refuse it, for the same reasons. */
export function isOnSameTerms({ mail: one }: MailRoute, { mail: other }: MailRoute): boolean {
  return one.maxBytes === other.maxBytes && one.require === other.require;
}
