import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { areLetters, lettersOf } from './letters.ts';

export interface MailLinksOptions {
  /** The one to sign with first; signatures of the others hold too. */
  readonly keys: readonly KeyObject[];
  /** Where returned mail comes in; absent: nowhere. */
  readonly domain?: string;
  /** Of the public HTTP API, without a slash at its end. */
  readonly publicUrl: string;
}

const PREFIX = 'bounce+';
const KEY_LENGTH = 26;

/**
 * Where one mail to one recipient comes back to (VERP), and where it is unsubscribed from. Both name the mail, with a
 * signature that says that we made them; each holds for what it is for alone. Who gets a mail sees both of its own, and
 * nobody else's.
 */
export class MailLinks {
  constructor(private readonly options: MailLinksOptions) {}

  /** An address for the envelope, 59 letters before the `@`; undefined where no mail comes in. */
  returnPathOf(mailKey: string): string | undefined {
    const { domain } = this.options;
    return domain === undefined ? undefined : `${PREFIX}${mailKey}${this.#sign('return', mailKey)}@${domain}`;
  }

  /** Which mail an address of ours was the return path of; undefined when we never made it. In any case. */
  mailKeyOfReturnPath(localPart: string): string | undefined {
    const text = localPart.toLowerCase();
    if (!text.startsWith(PREFIX)) return undefined;
    const mailKey = text.slice(PREFIX.length, PREFIX.length + KEY_LENGTH);
    return this.#holds('return', mailKey, text.slice(PREFIX.length + KEY_LENGTH)) ? mailKey : undefined;
  }

  unsubscribeUrlOf(mailKey: string): string {
    return `${this.options.publicUrl}/unsubscribe/${mailKey}/${this.#sign('unsubscribe', mailKey)}`;
  }

  isUnsubscribeLink(mailKey: string, signature: string): boolean {
    return this.#holds('unsubscribe', mailKey, signature);
  }

  #sign(purpose: string, mailKey: string, key = this.options.keys[0]): string {
    if (!key) throw new Error('there is no key to sign with');
    const mac = createHmac('sha256', key).update(JSON.stringify([purpose, mailKey]));
    return lettersOf(mac.digest());
  }

  #holds(purpose: string, mailKey: string, signature: string): boolean {
    if (!areLetters(mailKey) || !areLetters(signature)) return false;
    const given = Buffer.from(signature);
    return this.options.keys.some((key) => timingSafeEqual(given, Buffer.from(this.#sign(purpose, mailKey, key))));
  }
}
