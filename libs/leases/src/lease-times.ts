import { InvariantError } from '#libs/kernel';

/**
 * How long a lease is good for without being renewed, and so how long nobody does the work after a kill -9. While the
 * servers of a cluster elect a leader, which takes up to nine seconds, nothing can be renewed.
 */
export function leaseTtlMs(replicas: number): number {
  return replicas > 1 ? 15_000 : 4_000;
}

export interface LeaseTimes {
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  /** From the moment at which a renewal was sent until its holder gives up, well before the server does. */
  readonly surelyHeldMs: number;
  /** A write without an answer for so long counts as lost. */
  readonly ackTimeoutMs: number;
  /** Who hears nothing for so long, not even of renewals, looks by itself: a purge of the bucket leaves no mark. */
  readonly silenceMs: number;
}

/** What the clocks of a holder and of a server may differ by while one lease passes. */
const MARGIN = 1 / 16;

export function timesOf(ttlMs: number): LeaseTimes {
  // The server cuts fractions off and refuses less than a second.
  if (!Number.isInteger(ttlMs / 1000) || ttlMs < 1000) {
    throw new InvariantError(`a lease is held for whole seconds, not for ${ttlMs} ms`);
  }
  return {
    ttlMs,
    renewEveryMs: ttlMs / 3,
    surelyHeldMs: ttlMs * (1 - MARGIN),
    ackTimeoutMs: Math.min(ttlMs / 4, 2_000),
    silenceMs: ttlMs + 1_000,
  };
}
