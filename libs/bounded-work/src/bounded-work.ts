export interface Bounds {
  readonly atOnce: number;
  readonly waiting: number;
  /** What others are refused with. */
  readonly tooBusy: () => Error;
}

/** Runs so many pieces of work at once, in order, lets so many wait, and refuses the rest. */
export class BoundedWork {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(private readonly bounds: Bounds) {}

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    const { atOnce, waiting, tooBusy } = this.bounds;
    if (this.#running < atOnce) this.#running++;
    else if (this.#queue.length >= waiting) throw tooBusy();
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  /** Who waited longest takes the place over, so that nobody slips in between. */
  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running--;
  }
}
