import { NodeError } from '#libs/node-kit';

/** What ends work before it is done: its time, the process, or that nobody wants it any more. */
export interface WorkBounds {
  readonly timeoutMs: number;
  /** The process must go. */
  readonly stop: AbortSignal;
  /** Its execution is over. */
  readonly unwanted: AbortSignal;
}

/** What was told to end may take so long to say that it is in doubt, or was done. */
const LAST_WORD_MS = 1_000;

/**
 * Runs the work with a signal that aborts at the first of its bounds; rejects then with `NODE_TIMEOUT`, or the signal's
 * reason. Unless the work says within a second that it was done all the same, or that it is in doubt: such an attempt must
 * not be made again as if nothing had happened.
 */
export async function workWithin<Output>(
  { timeoutMs, stop, unwanted }: WorkBounds,
  work: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> {
  const controller = new AbortController();
  const { promise: silent, reject } = Promise.withResolvers<never>();
  let ended: { readonly reason: unknown; readonly lastWord: NodeJS.Timeout } | undefined;
  const end = (reason: unknown, told = reason): void => {
    ended ??= { reason, lastWord: setTimeout(() => reject(reason), LAST_WORD_MS) };
    controller.abort(told);
  };
  const timer = setTimeout(() => {
    const message = `the attempt took longer than ${timeoutMs} ms`;
    end(
      new NodeError('NODE_TIMEOUT', message, { retryable: true, destination: 'failed' }),
      new DOMException(message, 'TimeoutError'),
    );
  }, timeoutMs);
  const onStop = (): void => end(stop.reason);
  const onUnwanted = (): void => end(unwanted.reason);
  stop.addEventListener('abort', onStop, { once: true });
  unwanted.addEventListener('abort', onUnwanted, { once: true });
  try {
    // What the work makes of its abortion is not taken for how it failed.
    const working = work(controller.signal).catch((error: unknown) => {
      throw ended && !isInDoubt(error) ? ended.reason : error;
    });
    return await Promise.race([working, silent]);
  } finally {
    clearTimeout(timer);
    clearTimeout(ended?.lastWord);
    stop.removeEventListener('abort', onStop);
    unwanted.removeEventListener('abort', onUnwanted);
  }
}

/** Whether a node says that nobody knows what came of the attempt. */
export function isInDoubt(error: unknown): boolean {
  return error instanceof NodeError && error.options.inDoubt === true;
}
