import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Logger } from '../logging/logger.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';

const EVERY_MS = 60_000;
/** One statement's worth, which locks little for long. */
const STEP = 500;

/**
 * Removes expired keys while the process runs, all of them, so that the table holds a day's keys and not more, however
 * many came in a minute. Processes do not meet: each skips what another is removing.
 */
@Injectable()
export class ExpiredKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.#sweepOrTell().finally(() => {
        this.#sweeping = undefined;
      });
    }, EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#sweeping;
  }

  /** Until a step is not full: none is left but what others are removing. Each step waits for Postgres, and so yields. */
  async sweep(): Promise<void> {
    let removed = STEP;
    while (removed === STEP && !this.#stopped) removed = await this.keys.removeExpired(STEP);
  }

  async #sweepOrTell(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn({ error }, 'expired Idempotency-Keys were not removed; tried again in a minute');
    }
  }
}
