import { LRUCache } from 'lru-cache';
import type { DeliveryEntry } from './delivery-entry.ts';

/** A call before it has a place in the ledger. */
export type LedgerCall = Omit<DeliveryEntry, 'id' | 'calls'>;
/** Calls of the same webhook that were answered alike; its instant is that of the last. */
export type CountedCalls = Omit<DeliveryEntry, 'id'>;

export const WINDOW_MS = 10_000;
/** Of a webhook in a window, so many calls are told one by one. */
export const TOLD_ONE_BY_ONE = 60;
/** At about 500 bytes; webhooks whose last call is longest ago are forgotten first, and what was counted of them told. */
const MAX_WINDOWS = 10_000;

interface Window {
  readonly endMs: number;
  told: number;
  /** By outcome, status and reason: there are only so many. */
  readonly counted: Map<string, CountedCalls>;
}

/** Keeps a flood of refused calls from becoming one of entries: beyond some in a window they are only counted. */
export class CallWindows {
  readonly #windows: LRUCache<string, Window>;
  readonly #counting = new Set<string>();

  constructor(
    tell: (calls: CountedCalls) => void,
    { maxWindows = MAX_WINDOWS }: { readonly maxWindows?: number } = {},
  ) {
    this.#windows = new LRUCache({
      max: maxWindows,
      // Whatever way a window goes, what it counted is told.
      dispose: ({ counted }, webhookId) => {
        this.#counting.delete(webhookId);
        for (const calls of counted.values()) tell(calls);
      },
    });
  }

  /** Whether something was counted and is still to be told. */
  get isCounting(): boolean {
    return this.#counting.size > 0;
  }

  /** True when the call is to be told by itself; else it was counted, and is told with others when the window ends. */
  take(call: LedgerCall, nowMs: number): boolean {
    const window = this.#windowOf(call.webhookId, nowMs);
    if (window.told < TOLD_ONE_BY_ONE) {
      window.told++;
      return true;
    }
    const key = `${call.outcome} ${call.status} ${call.reason}`;
    const calls = (window.counted.get(key)?.calls ?? 0) + 1;
    window.counted.set(key, { ...call, ...(calls > 1 ? { method: null, ip: null } : {}), calls });
    this.#counting.add(call.webhookId);
    return false;
  }

  /** Tells what was counted in windows that are over. */
  endBefore(nowMs: number): void {
    for (const webhookId of [...this.#counting]) {
      const window = this.#windows.peek(webhookId);
      if (window && window.endMs <= nowMs) this.#windows.delete(webhookId);
    }
  }

  endAll(): void {
    this.endBefore(Infinity);
  }

  #windowOf(webhookId: string, nowMs: number): Window {
    const known = this.#windows.get(webhookId);
    if (known && known.endMs > nowMs) return known;
    const fresh: Window = { endMs: nowMs + WINDOW_MS, told: 0, counted: new Map() };
    this.#windows.set(webhookId, fresh);
    return fresh;
  }
}
