import { checkMail } from './check-mail.ts';
import { compose, isMessage } from './compose.ts';
import type { OutboundMailError } from './errors.ts';
import type { Sendable } from './session.ts';
import { stoppedError, Stop } from './stop.ts';
import type { Mail, MailServer, SendOptions, SentMail } from './types.ts';

export const DEFAULT_SEND_TIMEOUT_MS = 120_000;

/** One mail on its way through a pool, until it is settled. */
export class MailJob {
  readonly stop: Stop;
  readonly done: Promise<SentMail>;
  /** Whether it was given back once, before any of it had gone out. */
  cameBack = false;
  readonly #mail: Mail;
  #resolve: (sent: SentMail) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** Throws OutboundMailError INVALID_MAIL, or when it is stopped already. */
  constructor(mail: Mail, { signal, timeoutMs = DEFAULT_SEND_TIMEOUT_MS }: SendOptions) {
    checkMail(mail);
    if (signal?.aborted) throw stoppedError('aborted', 'queue', false);
    this.#mail = mail;
    this.stop = new Stop(timeoutMs, signal);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Composed when its turn has come, so that those that wait are held once. */
  async compose({ dkim }: MailServer): Promise<Sendable> {
    const { envelope, messageId, attachments = [] } = this.#mail;
    const message = await compose(this.#mail, dkim);
    return {
      envelope,
      messageId,
      message,
      isEightBit: attachments.some(({ mediaType }) => isMessage(mediaType)),
    };
  }

  resolve(sent: SentMail): void {
    this.stop.release();
    this.#resolve(sent);
  }

  reject(error: OutboundMailError | Error): void {
    this.stop.release();
    this.#reject(error);
  }
}
