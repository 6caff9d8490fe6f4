import type { AbortSignalLike } from '#libs/node-kit';
import { OutboundMailError, type MailPhase } from './errors.ts';

export type StopReason = 'timeout' | 'aborted' | 'closed';

/** The end of a mail by its time, its caller or the client, whichever is first. One timer and one listener a mail. */
export class Stop {
  /** Why it is over, once it is. */
  reason: StopReason | undefined;
  /** Ends what is under way. */
  onStop: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignalLike | undefined;

  constructor(timeoutMs: number, signal: AbortSignalLike | undefined) {
    this.#signal = signal;
    this.#timer = setTimeout(() => this.stop('timeout'), timeoutMs);
    if (signal?.aborted) this.reason = 'aborted';
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  stop(reason: StopReason): void {
    if (this.reason) return;
    this.reason = reason;
    this.onStop?.();
  }

  /** Lets go of timer and listener. */
  release(): void {
    this.onStop = undefined;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.stop('aborted');
}

const MESSAGES: Readonly<Record<StopReason, string>> = {
  timeout: 'the time for sending is over',
  aborted: 'sending was aborted',
  closed: 'the mail client was closed',
};

/** The error for a mail that was stopped where it had come to. */
export function stoppedError(reason: StopReason, phase: MailPhase, dataBegun: boolean): OutboundMailError {
  if (dataBegun) return outcomeUnknown(MESSAGES[reason], reason === 'timeout' ? 'ETIMEDOUT' : 'ABORT_ERR');
  const code = reason === 'timeout' ? 'SMTP_TIMEOUT' : 'ABORTED';
  return new OutboundMailError(code, `${MESSAGES[reason]}; the mail was not sent`, { retryable: true, phase });
}

export function outcomeUnknown(why: string, reason?: string): OutboundMailError {
  const message = `the mail was handed over and no answer came: ${why}; it may arrive, and sending it again may send it twice`;
  return new OutboundMailError('SMTP_OUTCOME_UNKNOWN', message, {
    retryable: false,
    phase: 'data',
    ...(reason === undefined ? {} : { reason }),
  });
}
