import { LRUCache } from 'lru-cache';
import type { Rate } from '../../config/config.ts';

/** What a caller has of its window after a request. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests that would still be allowed in this window. */
  readonly remaining: number;
  /** Until the window ends. At least 1 ms. */
  readonly resetMs: number;
}

interface Window {
  startedMs: number;
  used: number;
}

/** So many callers are remembered, at about 100 bytes each; those that called longest ago are forgotten first. */
const MAX_CALLERS = 20_000;

/**
 * Counts requests by caller, in windows that begin with a caller's first request. Constant time, without timers: a
 * window that is over is found to be so by the request that comes after it. `nowMs` should be of a monotonic clock.
 */
export class FixedWindows {
  readonly #windows = new LRUCache<string, Window>({ max: MAX_CALLERS });
  readonly #windowMs: number;

  constructor(
    private readonly rate: Rate,
    private readonly nowMs: () => number,
  ) {
    this.#windowMs = rate.windowSeconds * 1000;
  }

  take(caller: string): Allowance {
    const nowMs = this.nowMs();
    const window = this.#windowOf(caller, nowMs);
    const allowed = window.used < this.rate.requests;
    if (allowed) window.used++;
    return {
      allowed,
      remaining: this.rate.requests - window.used,
      resetMs: Math.max(1, window.startedMs + this.#windowMs - nowMs),
    };
  }

  /** Whether `take` would refuse. Counts nothing, and leaves nothing to remember. */
  isUsedUp(caller: string): boolean {
    const window = this.#windows.peek(caller);
    return window !== undefined && this.#isOpen(window, this.nowMs()) && window.used >= this.rate.requests;
  }

  #isOpen({ startedMs }: Window, nowMs: number): boolean {
    return nowMs - startedMs < this.#windowMs;
  }

  #windowOf(caller: string, nowMs: number): Window {
    const known = this.#windows.get(caller);
    if (known && this.#isOpen(known, nowMs)) return known;
    const fresh = { startedMs: nowMs, used: 0 };
    this.#windows.set(caller, fresh);
    return fresh;
  }
}
