import { shownAt } from './reference.ts';

const DAY_MS = 86_400_000;

/** When the offset of a zone changes between two instants, to the second, in order. */
export function offsetChangesIn(timezone: string, fromMs: number, toMs: number): number[] {
  const offsetAt = (atMs: number) => shownAt(timezone, atMs) - atMs;
  const changes: number[] = [];
  for (let dayMs = fromMs; dayMs < toMs; dayMs += 2 * DAY_MS) {
    let [low, high] = [dayMs, dayMs + 2 * DAY_MS];
    if (offsetAt(low) === offsetAt(high)) continue;
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (offsetAt(middle) === offsetAt(low)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}
