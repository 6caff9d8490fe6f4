import type { Clock } from '#libs/kernel';

export interface FakeLimit {
  readonly limit: number;
  readonly perMs: number;
}

interface Window {
  readonly endsAtMs: number;
  used: number;
}

/** Limits as GitHub's primary one: fixed windows, each begun by the first call in it, of one token and one resource. */
export class FakeLimits {
  readonly #windows = new Map<string, Window>();

  constructor(
    private readonly limits: Readonly<Record<string, FakeLimit>>,
    private readonly clock: Clock,
  ) {}

  /** Whether a call may be made; it is counted if so. */
  take(token: string, resource: string): boolean {
    const window = this.#windowOf(token, resource);
    if (window.used >= this.#limitOf(resource).limit) return false;
    window.used++;
    return true;
  }

  /** A call that is not counted after all. */
  giveBack(token: string, resource: string): void {
    this.#windowOf(token, resource).used--;
  }

  headers(token: string, resource: string): Record<string, string> {
    const { limit } = this.#limitOf(resource);
    const { used, endsAtMs } = this.#windowOf(token, resource);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - used),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(endsAtMs / 1_000)),
      'x-ratelimit-resource': resource,
    };
  }

  #limitOf(resource: string): FakeLimit {
    return this.limits[resource] ?? { limit: 5_000, perMs: 3_600_000 };
  }

  #windowOf(token: string, resource: string): Window {
    const key = `${resource} ${token}`;
    const nowMs = this.clock.nowMs();
    const present = this.#windows.get(key);
    // As the header tells its end in whole seconds, it ends no earlier.
    if (present && Math.ceil(present.endsAtMs / 1_000) * 1_000 > nowMs) return present;
    const begun = { endsAtMs: nowMs + this.#limitOf(resource).perMs, used: 0 };
    this.#windows.set(key, begun);
    return begun;
  }
}
