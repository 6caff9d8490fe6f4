import type { DeliveryInfo } from '#libs/jetstream';
import { startQueueName, type Lane, type StartPlace, type StartQueue } from '#libs/work-queue-jetstream';
import type { DirectStarts, TaskWork } from './direct-hand-over.ts';
import type { QueueLength } from './queue-length.ts';
import type { StartDoor } from './start-door.ts';
import type { WorkFigures } from './work-figures.ts';

export interface StartLinesParts {
  readonly door: StartDoor;
  readonly begin: TaskWork;
  readonly isPaused: (lane: Lane) => boolean;
  readonly figures: WorkFigures;
  /** Never goes back. */
  readonly nowMs: () => number;
}

/**
 * Executions being begun and attempts made a moment ago, together. One thread serves them all, so more at once hardly
 * end sooner, and each makes all others slower. Whoever comes while others wait in line pays for it, so there are few while
 * such come; a long line that is alone is served in larger batches, which cost less, and so is none.
 */
const AT_ONCE = { shared: 3, backlog: 10, none: 96 } as const;
/** For so long after somebody came who had nobody before them, others like them are expected. */
const COMPANY_MS = 1_000;

/** Of one lane and shard, at most so many starts wait here instead of in the queue; of one log stream see below. */
const DIRECT_PER_PLACE = 64;

interface Line {
  readonly length: QueueLength;
  direct: number;
}

/**
 * The starts that wait at this process's door: those that came through the queue, and those that were handed over
 * directly. Of the latter one workspace can hold no more than its two shards allow, and none comes in while others wait
 * in its shard's queue.
 */
export class StartLines {
  readonly #lines = new Map<string, Line>();
  /** When somebody last came to a line in which nobody waited, while others waited in other lines. */
  #cameBesideMs = -Infinity;

  constructor(private readonly parts: StartLinesParts) {}

  /** `length` is that of the place's queue. */
  serve(place: StartPlace, length: QueueLength): void {
    this.#lines.set(keyOf(place), { length, direct: 0 });
  }

  /** Whether somebody waits in a queue, as far as this process knows. */
  get hasBacklog(): boolean {
    for (const { length } of this.#lines.values()) if (length.known > 0) return true;
    return false;
  }

  /** How many executions may be begun and worked on at once, by who waits. */
  get atOnce(): number {
    if (!this.hasBacklog) return AT_ONCE.none;
    return this.parts.nowMs() - this.#cameBesideMs < COMPANY_MS ? AT_ONCE.shared : AT_ONCE.backlog;
  }

  /** For a start that came through the queue. False: it was sent back, undone. */
  async fromQueue(place: StartPlace, payload: unknown, { pending }: Pick<DeliveryInfo, 'pending'>): Promise<boolean> {
    if (pending === 0) this.#cameAlone();
    this.#lines.get(keyOf(place))?.length.saw(pending);
    return this.parts.door.pass(place, () => this.#begin(place, payload));
  }

  /** For the starts of one log stream's commits: at most `places` of them wait here at once. */
  directFrom(places: number): DirectStarts {
    let held = 0;
    return {
      places,
      tryTake: (queue, payload) => {
        const place = this.placeOf(queue);
        if (held >= places || !this.#mayHold(place)) return undefined;
        this.#cameAlone();
        held++;
        return this.#hold(place, payload).finally(() => held--);
      },
      placeOf: (queue) => this.placeOf(queue),
      queued: (place) => this.#lines.get(keyOf(place))?.length.added(),
    };
  }

  /** Who has nobody before them in their line. */
  #cameAlone(): void {
    if (this.hasBacklog) this.#cameBesideMs = this.parts.nowMs();
  }

  /** The one of a start's two places before which fewer wait. */
  placeOf({ lane, shards: [first, other] }: StartQueue): StartPlace {
    const [one, two] = [
      { lane, shard: first },
      { lane, shard: other },
    ];
    return this.#waitingAt(two) < this.#waitingAt(one) ? two : one;
  }

  #waitingAt(place: StartPlace): number {
    return this.parts.door.waitingAt(place) + (this.#lines.get(keyOf(place))?.length.known ?? 0);
  }

  #mayHold(place: StartPlace): boolean {
    const line = this.#lines.get(keyOf(place));
    if (!line || line.direct >= DIRECT_PER_PLACE || line.length.known > 0) return false;
    return !this.parts.isPaused(place.lane) && !this.parts.door.isFull;
  }

  async #hold(place: StartPlace, payload: unknown): Promise<'done' | 'returned'> {
    const line = this.#lines.get(keyOf(place));
    const ended = this.parts.figures.tookDirectly(startQueueName(place.lane));
    if (line) line.direct++;
    try {
      const isDone = await this.parts.door.pass(place, () => this.#begin(place, payload));
      return isDone ? 'done' : 'returned';
    } finally {
      if (line) line.direct--;
      ended();
    }
  }

  async #begin({ lane }: StartPlace, payload: unknown): Promise<void> {
    const name = startQueueName(lane);
    try {
      await this.parts.begin(payload);
      this.parts.figures.ended(name, 'completed');
    } catch (error) {
      this.parts.figures.ended(name, 'failed');
      throw error;
    }
  }
}

function keyOf({ lane, shard }: StartPlace): string {
  return `${lane}.${shard}`;
}
