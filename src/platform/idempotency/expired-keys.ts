import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Logger } from '../logging/logger.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';

const EVERY_MS = 60_000;
/** One statement's worth, which locks little for long. */
const STEP = 500;
/** At most so many a time: 10,000 keys a minute and process. */
const MAX_STEPS = 20;

/** Removes expired keys while the process runs. Processes do not meet: each skips what another is removing. */
@Injectable()
export class ExpiredKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.#sweepOrTell());
    }, EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async sweep(): Promise<void> {
    for (let step = 0; step < MAX_STEPS; step++) {
      if ((await this.keys.removeExpired(STEP)) < STEP) return;
    }
  }

  async #sweepOrTell(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn({ error }, 'expired Idempotency-Keys were not removed; tried again in a minute');
    }
  }
}
