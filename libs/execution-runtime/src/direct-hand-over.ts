import type { Hands, RunQueue, StartPlace, StartQueue, TaskQueue } from '#libs/work-queue-jetstream';
import type { QueueLength } from './queue-length.ts';
import type { ShortTimer, ShortTimers } from './short-timers.ts';

/** Does a task at once; rejects when it could not be dealt with for good. */
export type TaskWork = (payload: unknown) => Promise<void>;

export interface RunLine {
  readonly places: number;
  readonly work: TaskWork;
  /** Of the queue that the line's tasks go to otherwise. */
  readonly length: QueueLength;
  readonly isPaused: () => boolean;
}

/** How starts are handed over: they have lines of their own. */
export type DirectStarts = Pick<Hands, 'placeOf'> & {
  readonly places: number;
  tryTake(queue: StartQueue, payload: unknown): Promise<'done' | 'returned'> | undefined;
  queued(place: StartPlace): void;
};

/**
 * Gives the work that a commit asks for to this process's own free hands, and so saves the way through the queue: three
 * messages and their syncs. The commit stays unacknowledged until the work is done, so it is handed out again when the
 * process dies. Without a free hand, or while others wait in line, the work goes to the queue, from where any worker
 * takes it. One per log stream: its tasks have a queue of their own.
 */
export class DirectHandOver implements Hands {
  readonly #lines = new Map<string, RunLine & { busy: number }>();

  constructor(
    private readonly starts: DirectStarts,
    private readonly timers: ShortTimers,
  ) {}

  /** Who comes behind others waits behind them, so a line takes nothing while its queue is not empty. */
  serve(executor: string, line: RunLine): void {
    this.#lines.set(executor, { ...line, busy: 0 });
  }

  /** Places over all lines: as many commits may be kept waiting for their work. */
  get places(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.places, this.starts.places);
  }

  tryTake(queue: TaskQueue, payload: unknown): Promise<'done' | 'returned'> | undefined {
    return queue.kind === 'start' ? this.starts.tryTake(queue, payload) : this.#run(queue, payload);
  }

  placeOf(queue: StartQueue): StartPlace {
    return this.starts.placeOf(queue);
  }

  tryTimer(timer: ShortTimer): Promise<void> | undefined {
    return this.timers.tryTake(timer);
  }

  queued(queue: RunQueue | StartPlace): void {
    if ('executor' in queue) this.#lines.get(queue.executor)?.length.added();
    else this.starts.queued(queue);
  }

  /** The same lines for who must not hand over: it is told where work waits, and tells of what it queues. */
  takingNothing(): Hands {
    return {
      tryTake: () => undefined,
      tryTimer: () => undefined,
      placeOf: (queue) => this.placeOf(queue),
      queued: (queue) => this.queued(queue),
    };
  }

  #run({ executor }: RunQueue, payload: unknown): Promise<'done'> | undefined {
    const line = this.#lines.get(executor);
    if (!line || line.isPaused() || line.busy >= line.places || line.length.known > 0) return undefined;
    line.busy++;
    return line
      .work(payload)
      .finally(() => line.busy--)
      .then(() => 'done');
  }
}
