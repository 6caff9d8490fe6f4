import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after so long, or when the signal is given. */
export async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
