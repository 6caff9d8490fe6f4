/** Does a task at once; rejects when it could not be dealt with for good. */
export type TaskWork = (payload: unknown) => Promise<void>;

interface Line {
  readonly places: number;
  readonly work: TaskWork;
  busy: number;
  /** Somebody waits in the queue as far as this process knows; then new work queues up behind. */
  queued: boolean;
}

/**
 * Gives the work that a commit asks for to this process's own free hands, and so saves the way through the queue: three
 * messages and their syncs. The commit stays unacknowledged until the work is done, so it is handed out again when the
 * process dies. Without a free hand, or while others wait in line, the work goes to the queue, from where any worker
 * takes it. One per log stream: its tasks have a queue of their own.
 */
export class DirectHandOver {
  readonly #lines = new Map<string, Line>();

  /** `line` is the first part of the queues served: `start`, or `run.<executor>`. */
  serve(line: string, places: number, work: TaskWork): void {
    this.#lines.set(line, { places, work, busy: 0, queued: false });
  }

  /** Places over all lines: as many commits may be kept waiting for their work. */
  get places(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.places, 0);
  }

  /** The work begun, or undefined when it must go to the queue. */
  tryTake(queue: string, payload: unknown): Promise<void> | undefined {
    const line = this.#lines.get(lineOf(queue));
    if (!line) return undefined;
    if (line.queued || line.busy >= line.places) {
      line.queued = true;
      return undefined;
    }
    line.busy++;
    return line.work(payload).finally(() => line.busy--);
  }

  /** A task came through the queue, and so many wait behind it. */
  sawQueue(line: string, pending: number): void {
    const known = this.#lines.get(line);
    if (known) known.queued = pending > 0;
  }
}

/** `start.<lane>.<shard>` → `start`; `run.<executor>` as it is. */
function lineOf(queue: string): string {
  return queue.startsWith('start.') ? 'start' : queue;
}
