import { MillraceError } from '#libs/kernel';

interface Bounds {
  /** Several of them, e.g. `logins`. */
  readonly what: string;
  readonly atOnce: number;
  readonly waiting: number;
}

/** Runs so many pieces of work at once, in order, lets so many wait, and refuses the rest with `TOO_BUSY`. */
export class BoundedWork {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly bounds: Bounds) {}

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.bounds.atOnce) {
      this.running += 1;
      return;
    }
    if (this.queue.length >= this.bounds.waiting)
      throw new MillraceError('unavailable', 'TOO_BUSY', `too many ${this.bounds.what} at once; try again`, {
        retryAfterMs: 2_000,
      });
    await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  /** Who waited longest takes the place over, so that nobody slips in between. */
  private leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.running -= 1;
  }
}
