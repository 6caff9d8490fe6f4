import type { Clock } from '#libs/kernel';

/** Lets pass so many a second, evenly spaced; a pause saves no more than one up. */
export class RateGate {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(ratePerSecond: number | undefined, clock: Clock) {
    this.#intervalMs = ratePerSecond === undefined ? 0 : 1_000 / ratePerSecond;
    this.#clock = clock;
  }

  /** Milliseconds until the next may pass. */
  waitMs(): number {
    const nowMs = this.#clock.nowMs();
    // A clock that was set back must not hold mails for as long as that.
    this.#nextMs = Math.min(this.#nextMs, nowMs + this.#intervalMs);
    return Math.max(this.#nextMs - nowMs, 0);
  }

  pass(): void {
    // A timer that came late is made up for by the next one.
    this.#nextMs = Math.max(this.#nextMs, this.#clock.nowMs() - this.#intervalMs) + this.#intervalMs;
  }
}
