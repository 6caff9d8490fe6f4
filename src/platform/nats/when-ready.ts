import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { setTimeout as wait } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** No suitable peers yet, no leader of the cluster, not (yet) the leader, cluster not available. */
const NOT_YET: ReadonlySet<number> = new Set([10005, 10006, 10008, 10009]);

/**
 * Does the work once the servers can: a cluster that starts with us takes seconds to elect its leaders, and until then
 * refuses or does not answer. What is still not there after a minute is thrown; any other error at once.
 */
export async function whenReady<Result>(
  work: () => Promise<Result>,
  onWait: (error: unknown) => void = () => undefined,
): Promise<Result> {
  const until = performance.now() + PATIENCE_MS;
  for (let waited = false; ; waited = true) {
    try {
      return await work();
    } catch (error) {
      if (!isNotYet(error) || performance.now() >= until) throw error;
      if (!waited) onWait(error);
      await wait(PAUSE_MS);
    }
  }
}

function isNotYet(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof JetStreamApiError ? error.cause : error;
  if (cause instanceof JetStreamApiError) return NOT_YET.has(cause.code);
  return (
    cause instanceof errors.TimeoutError ||
    cause instanceof errors.NoRespondersError ||
    cause instanceof errors.ConnectionError ||
    (cause instanceof errors.RequestError && cause.isNoResponders())
  );
}
