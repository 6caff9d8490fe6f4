import type { Clock } from '#libs/kernel';

/** How late a timer may be for the next one to make up for it. Anything longer is a pause, and saves nothing up. */
const LATE_MS = 20;

/** Lets pass so many a second, evenly spaced. */
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
    const nowMs = this.#clock.nowMs();
    this.#nextMs = (nowMs - this.#nextMs <= LATE_MS ? this.#nextMs : nowMs) + this.#intervalMs;
  }
}
