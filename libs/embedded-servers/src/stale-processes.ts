import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedServerError } from './errors.ts';
import { findProcesses } from './process-table.ts';

const LOOK_EVERY_MS = 20;

/**
 * Ends what a killed predecessor left running on the same directory, and comes back when it is gone: two servers on one
 * store ruin it, and nats-server takes no lock. Each signal gets `patienceMs` before the next one is tried. Throws
 * SERVER_DID_NOT_START when none helped.
 */
export async function endStaleProcesses(
  signature: string,
  signals: readonly NodeJS.Signals[],
  patienceMs: number,
): Promise<void> {
  for (const signal of signals) {
    for (const pid of findProcesses(signature)) trySignal(pid, signal);
    if (await areGone(signature, patienceMs)) return;
  }
  throw new EmbeddedServerError(
    'SERVER_DID_NOT_START',
    `process ${findProcesses(signature).join(', ')} of an earlier start still runs and could not be ended; end it first`,
  );
}

async function areGone(signature: string, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_EVERY_MS) {
    if (findProcesses(signature).length === 0) return true;
    await delay(LOOK_EVERY_MS);
  }
  return findProcesses(signature).length === 0;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself since we looked, or belongs to somebody else: then the wait that follows tells.
  }
}
