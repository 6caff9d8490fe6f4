import type { WorkFigure } from '#libs/work-queue-jetstream';

const SLICES = 12;
const SLICE_MS = 5_000;

/** Counts what happened within the last minute, to five seconds. */
class LastMinute {
  readonly #counts: number[] = Array.from({ length: SLICES }, () => 0);
  #slice = 0;

  add(nowMs: number): void {
    this.#moveTo(nowMs);
    const place = this.#slice % SLICES;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  sum(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #moveTo(nowMs: number): void {
    const slice = Math.floor(nowMs / SLICE_MS);
    const passed = Math.min(SLICES, slice - this.#slice);
    for (let step = 1; step <= passed; step++) this.#counts[(slice - passed + step) % SLICES] = 0;
    if (passed > 0) this.#slice = slice;
  }
}

/** What a worker does, by the name of the queue that the work is of. */
export class WorkFigures {
  readonly #queues: ReadonlyMap<string, { direct: number; completed: LastMinute; failed: LastMinute }>;

  /** `nowMs` never goes back. */
  constructor(
    names: readonly string[],
    private readonly nowMs: () => number,
  ) {
    this.#queues = new Map(
      names.map((name) => [name, { direct: 0, completed: new LastMinute(), failed: new LastMinute() }]),
    );
  }

  /** Work is in hand without the queue, until what is returned is called. */
  tookDirectly(name: string): () => void {
    const queue = this.#queues.get(name);
    if (queue) queue.direct++;
    return () => {
      if (queue) queue.direct--;
    };
  }

  ended(name: string, how: 'completed' | 'failed'): void {
    this.#queues.get(name)?.[how].add(this.nowMs());
  }

  read(): Readonly<Record<string, WorkFigure>> {
    const now = this.nowMs();
    return Object.fromEntries(
      [...this.#queues].map(([name, { direct, completed, failed }]) => [
        name,
        { direct, completed: completed.sum(now), failed: failed.sum(now) },
      ]),
    );
  }
}
