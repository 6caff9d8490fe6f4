import type { Logger } from '../logging/logger.ts';

export interface ExpiredRowsParts {
  /** Removes at most so many and says how many; those that another process is removing are not its. */
  readonly remove: (limit: number) => Promise<number>;
  readonly logger: Logger;
  /** What is said when it fails; it is tried again in a minute. */
  readonly complaint: string;
  /** Removed at a time. Default: one statement's worth, which locks little for long. */
  readonly step?: number;
}

const EVERY_MS = 60_000;
const DEFAULT_STEP = 500;

/**
 * Removes what expired while the process runs, all of it, so that a table holds what its time says and not more, however
 * much came in a minute. Processes do not meet: each skips what another is removing.
 */
export class ExpiredRows implements AsyncDisposable {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(private readonly parts: ExpiredRowsParts) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.#sweepOrTell().finally(() => {
        this.#sweeping = undefined;
      });
    }, EVERY_MS).unref();
  }

  /** Until a step is not full: none is left but what others are removing. Each step waits for Postgres, and so yields. */
  async sweep(): Promise<void> {
    const { remove, step = DEFAULT_STEP } = this.parts;
    let removed = step;
    while (removed === step && !this.#stopped) removed = await remove(step);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#sweeping;
  }

  async #sweepOrTell(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.parts.logger.warn({ error }, `${this.parts.complaint}; tried again in a minute`);
    }
  }
}
