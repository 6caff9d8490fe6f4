import type { Clock } from '#libs/kernel';
import { RELAY } from './client-key.ts';

export interface MessageRateOptions {
  readonly perMinute: number;
  /** Clients that are remembered. */
  readonly clients: number;
  readonly clock: Clock;
}

interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

const MINUTE_MS = 60_000;

/** How many messages each client may begin now: up to a minute's, coming back evenly. */
export class MessageRate {
  readonly #options: MessageRateOptions;
  /** The one heard of last at the end. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(options: MessageRateOptions) {
    this.#options = options;
  }

  take(client: string): boolean {
    if (client === RELAY) return true;
    const nowMs = this.#options.clock.nowMs();
    const left = this.#leftOf(this.#allowances.get(client), nowMs);
    this.#allowances.delete(client);
    this.#allowances.set(client, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    this.#forgetOldest();
    return left >= 1;
  }

  #leftOf(known: Allowance | undefined, nowMs: number): number {
    const { perMinute } = this.#options;
    if (!known) return perMinute;
    // A clock that was set back gives nothing, and takes nothing away.
    const cameBack = (Math.max(0, nowMs - known.atMs) * perMinute) / MINUTE_MS;
    return Math.min(perMinute, known.left + cameBack);
  }

  #forgetOldest(): void {
    if (this.#allowances.size <= this.#options.clients) return;
    const [oldest] = this.#allowances.keys();
    if (oldest !== undefined) this.#allowances.delete(oldest);
  }
}
