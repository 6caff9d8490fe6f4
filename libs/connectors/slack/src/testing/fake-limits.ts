import { quotasOf, type MethodUse } from '../rate-limits.ts';

/** Counts calls in windows, as Slack publishes its tiers. */
export class FakeLimits {
  readonly #windows = new Map<string, { readonly fromMs: number; count: number }>();
  readonly #limits = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  /** Another limit for a method, in the window that it has anyway. */
  set(method: string, limit: number): void {
    this.#limits.set(method, limit);
  }

  /** Seconds to wait; undefined when the call may be made, which is counted then. */
  retryAfter(account: string, use: MethodUse): number | undefined {
    const waits = quotasOf(account, [use]).flatMap(({ key, limit, perMs }) => {
      const nowMs = this.nowMs();
      const known = this.#windows.get(key);
      const window = known && nowMs - known.fromMs < perMs ? known : { fromMs: nowMs, count: 0 };
      this.#windows.set(key, window);
      if (++window.count <= (this.#limits.get(use.method) ?? limit)) return [];
      return [Math.max(1, Math.ceil((window.fromMs + perMs - nowMs) / 1_000))];
    });
    return waits[0];
  }
}
