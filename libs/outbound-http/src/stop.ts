import type { AbortSignalLike } from '#libs/node-kit';
import { OutboundHttpError } from './errors.ts';

/**
 * The end of a request by its time or by its caller, whichever is first. One timer and one listener a request; an
 * AbortSignal of our own for each would cost more than the rest of a small request.
 */
export class Stop {
  /** Why the request is over, once it is. */
  error: OutboundHttpError | undefined;
  /** Ends the hop that is under way. */
  onStop: ((error: OutboundHttpError) => void) | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignalLike | undefined;

  constructor(timeoutMs: number, signal: AbortSignalLike | undefined) {
    this.#signal = signal;
    this.#timer = setTimeout(
      () => this.#stop(new OutboundHttpError('TIMEOUT', `no complete response within ${timeoutMs} ms`)),
      timeoutMs,
    );
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Lets go of timer and listener. */
  release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.#stop(new OutboundHttpError('ABORTED', 'the request was aborted', this.#signal?.reason));
  };

  #stop(error: OutboundHttpError): void {
    this.error ??= error;
    this.onStop?.(this.error);
  }
}
