import { NodeError } from '#libs/node-kit';

/** What ends work before it is done: its time, the process, or that nobody wants it any more. */
export interface WorkBounds {
  readonly timeoutMs: number;
  /** The process must go. */
  readonly stop: AbortSignal;
  /** Its execution is over. */
  readonly unwanted: AbortSignal;
}

/** Runs the work with a signal that aborts at the first of its bounds; rejects then with `NODE_TIMEOUT`, or the signal's reason. */
export async function workWithin<Output>(
  { timeoutMs, stop, unwanted }: WorkBounds,
  work: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> {
  const controller = new AbortController();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Rejected before the work is told, so that what the work makes of its abortion is not taken for how it failed.
  const end = (reason: unknown, told = reason): void => {
    reject(reason);
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
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
    unwanted.removeEventListener('abort', onUnwanted);
  }
}
