/**
 * What the limits of a destination are made of. Numbers of the installation, not of a node: a circuit is shared by all
 * workflows that call the destination, so no single one of them can say when it opens.
 */
export const CIRCUIT_RULES = {
  /** The failure rate is taken over 30 s: long enough for ten calls of a quiet workflow, short enough to forget an outage. */
  slotMs: 3_000,
  slots: 10,
  /** Fewer calls than this open nothing: one failed call of two is chance. */
  minCalls: 10,
  failureRate: 0.5,
  /** First cool-down; doubled by each probe that fails. A restarting service is back within seconds. */
  firstCoolDownMs: 5_000,
  /** A service that was away for an hour is noticed to be back within five minutes. */
  longestCoolDownMs: 300_000,
  /** A probe without a result after this long is taken for lost, with its worker, and another attempt may be the probe. */
  probeLeaseMs: 30_000,
  /** Who finds a probe under way looks again after this long. */
  probeLookMs: 2_000,
  /** The longest pause that an answer can ask of all attempts; the attempt that was answered itself keeps to what was said. */
  longestPauseMs: 3_600_000,
  /** A circuit that is open and that nobody wanted to pass for this long after it could be probed is forgotten. */
  forgottenAfterMs: 600_000,
  /** Clocks of workers may differ by this much. What lies further ahead was written by a clock that was wrong, and binds nobody. */
  clockSkewMs: 60_000,
} as const;

/** The cool-down after the nth opening in a row, from 1. */
export function coolDownMs(openings: number): number {
  const { firstCoolDownMs, longestCoolDownMs } = CIRCUIT_RULES;
  return Math.min(firstCoolDownMs * 2 ** (openings - 1), longestCoolDownMs);
}
