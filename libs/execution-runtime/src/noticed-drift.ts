import { DRIFT_LIMITS } from '#libs/execution-engine';
import type { ResponseDrift } from '#libs/node-kit';
import type { Redaction } from './redaction.ts';

/** What one attempt notices of drift: the same once, however many pages of an answer have it, and no more than is recorded. */
export class NoticedDrift {
  readonly #noticed = new Map<string, ResponseDrift>();

  add(drift: readonly ResponseDrift[]): void {
    for (const { path, expected, found } of drift) {
      if (this.#noticed.size >= DRIFT_LIMITS.entries) return;
      this.#noticed.set(JSON.stringify([path, expected, found]), { path, expected, found });
    }
  }

  /** Names of fields come from the other side, so they may hold what it was sent. */
  without(redaction: Redaction): readonly ResponseDrift[] {
    return [...this.#noticed.values()].map(({ path, expected, found }) => ({
      path: redaction.excerpt(path),
      expected: redaction.excerpt(expected),
      found: redaction.excerpt(found),
    }));
  }
}

/** For a report: a field that is absent when there is nothing to tell. */
export function driftIn(drift: readonly ResponseDrift[]): { readonly drift?: readonly ResponseDrift[] } {
  return drift.length === 0 ? {} : { drift };
}

/** The same of how many there are. */
export function driftedIn(count: number): { readonly drifted?: number } {
  return count === 0 ? {} : { drifted: count };
}
