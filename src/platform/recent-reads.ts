import { LRUCache } from 'lru-cache';

/** More of them make room for one another. */
const MAX_KEPT = 10_000;

/** What was read a moment ago, by key. Callers who ask at once share one read; what is not there is read each time. */
export class RecentReads<Value> {
  private readonly reads: LRUCache<string, Promise<Value | undefined>>;

  /**
   * @param keptMs from the moment that it was asked for
   * @param nowMs for tests; monotonic: setting the other clock back must keep nothing for longer
   */
  constructor(keptMs: number, nowMs: () => number = () => performance.now()) {
    this.reads = new LRUCache({ max: MAX_KEPT, ttl: keptMs, ttlResolution: 0, perf: { now: nowMs } });
  }

  get(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const known = this.reads.get(key);
    if (known) return known;
    const reading = read();
    this.reads.set(key, reading);
    const drop = (): void => {
      if (this.reads.peek(key) === reading) this.reads.delete(key);
    };
    reading.then((value) => value === undefined && drop(), drop);
    return reading;
  }

  /** Call it after the change is committed: a read from before it may still be under way, and is not kept either. */
  forget(key: string): void {
    this.reads.delete(key);
  }
}
