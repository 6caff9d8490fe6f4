import type { Lane, StartPlace } from '#libs/work-queue-jetstream';
import { StartRota, type StartRotaOptions } from './start-rota.ts';

export interface StartDoorParts extends StartRotaOptions {
  /** Never goes back. */
  readonly nowMs: () => number;
  /** At most so many executions are being begun and attempts young (see RunLoad), together. */
  readonly atOnce: () => number;
  readonly youngAttempts: () => number;
  /** The hands are full and more waits for them: who begins now only waits elsewhere. */
  readonly isFull: () => boolean;
}

interface Waiting {
  readonly cameMs: number;
  /** False: sent back. */
  readonly settle: (isTurn: boolean) => void;
}

/** How often the door is looked at while somebody waits and nothing happens. */
const LOOK_MS = 20;
/** Who waits this long before full hands is sent back, as another process may have free ones. */
const HELD_MS = 1_000;

/**
 * The door through which executions begin. What is begun is served in turn, whoever's it is, so a long line may only
 * stand before the door, where lanes and shards are: it is open while few of those inside keep the process busy, and
 * shut while the hands are full. It is looked at what goes on now, nothing is counted up and down over an execution's
 * life; so nothing can leak, and one that waits for a timer or a person takes no room.
 */
export class StartDoor implements AsyncDisposable {
  readonly #rota: StartRota<Waiting>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly parts: StartDoorParts) {
    this.#rota = new StartRota(parts);
  }

  waitingAt(place: StartPlace): number {
    return this.#rota.waitingAt(place);
  }

  /** True when the hands are full; who is sent to the queue now is begun by whoever is free first. */
  get isFull(): boolean {
    return this.parts.isFull();
  }

  /** Does the work when it is its turn. False: it was sent back, undone. */
  async pass(place: StartPlace, work: () => Promise<void>): Promise<boolean> {
    if (this.#closed) return false;
    const { promise: turn, resolve: settle } = Promise.withResolvers<boolean>();
    this.#rota.add(place, { cameMs: this.parts.nowMs(), settle });
    this.look();
    if (!(await turn)) return false;
    try {
      await work();
      return true;
    } finally {
      this.#rota.done(place);
      this.look();
    }
  }

  /** Lets in who may; called when something has changed inside. */
  look(): void {
    const atOnce = this.parts.atOnce();
    // A shard never gets more than half of the door, so that whoever comes to another finds it open.
    while (this.#isOpen(atOnce)) {
      const turn = this.#rota.next(Math.ceil(atOnce / 2));
      if (!turn) break;
      turn.entry.settle(true);
    }
    if (this.#rota.waiting > 0) this.#timer ??= setTimeout(() => this.#lookAgain(), LOOK_MS);
  }

  /** Sends back all who wait in a lane, or in all. */
  sendBack(lane?: Lane): void {
    this.#remove((_waiting, place) => lane === undefined || place.lane === lane);
  }

  /** From now on everybody is sent back. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.sendBack();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #isOpen(atOnce: number): boolean {
    if (this.#rota.waiting === 0 || this.parts.isFull()) return false;
    return this.#rota.inHand + this.parts.youngAttempts() < atOnce;
  }

  #lookAgain(): void {
    this.#timer = undefined;
    const oldest = this.parts.nowMs() - HELD_MS;
    if (this.parts.isFull()) this.#remove(({ cameMs }) => cameMs <= oldest);
    this.look();
  }

  #remove(leaves: (waiting: Waiting, place: StartPlace) => boolean): void {
    for (const { settle } of this.#rota.remove(leaves)) settle(false);
  }
}
