/** What quotas are made of; numbers of the installation. */
export const QUOTA_RULES = {
  /**
   * Calls that nobody told the limit of are counted in so many slots of a window. Whoever counts in windows of its own, or
   * in one that slides, then never finds more than the limit in one.
   */
  slots: 20,
  /**
   * Slots that count as used beyond those: the one that is not over, and one for calls that arrive late. The price: of a
   * limit that nobody tells, ten in eleven are used.
   */
  spareSlots: 2,
  /** Calls that go until an answer has told how many are left; fewer where the limit is small. */
  trial: 10,
  /** Those calls told nothing after this long, at least: they are lost, and as many may go again. */
  shortestTrialMs: 10_000,
  /** Who finds the first calls under way looks again after this long, as far behind the one before. */
  trialLookMs: 1_000,
  trialSpacingMs: 5,
  /**
   * Nothing is called just before a window that was told ends, and just after: what was let in before the end must arrive
   * before it, and clocks differ. At most a 20th of the window.
   */
  marginMs: 1_000,
  /** The longest window that an answer can tell of; of longer ones there are answers again after it. */
  longestWindowMs: 86_400_000,
  /** An answer that knew no limit is believed for so long. */
  unlimitedMs: 600_000,
  /** Who comes this much before its place has come: clocks differ. At most half of what is between two. */
  earlyMs: 100,
  /** The longest line of those who wait; beyond it places are shared. */
  longestLineMs: 86_400_000,
  /** Of those that are free, a process takes at most an 8th ahead of need, and at most so many. */
  aheadShare: 1 / 8,
  mostAhead: 100,
  /** What was learned of a limit is remembered for so long after it bound anybody. */
  forgottenAfterMs: 3_600_000,
} as const;

/** How long a slot of a window is. */
export function quotaSlotMs(perMs: number): number {
  return Math.max(1, Math.ceil(perMs / QUOTA_RULES.slots));
}

export function quotaMarginMs(perMs: number): number {
  return Math.min(QUOTA_RULES.marginMs, Math.floor(perMs / 20));
}

/** How many calls go before one has told. No two rounds of them are more than the limit. */
export function trialCalls(limit: number): number {
  return Math.max(1, Math.min(QUOTA_RULES.trial, Math.floor(limit / 2)));
}

/** How long such calls are waited for: so long that calls which never tell are no more than the limit either. */
export function trialMs(limit: number, perMs: number): number {
  const leastMs = (2 * perMs * trialCalls(limit)) / Math.max(1, limit);
  return Math.max(QUOTA_RULES.shortestTrialMs, Math.ceil(leastMs));
}
