import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ExpiredRows } from '../database/expired-rows.ts';
import { Logger } from '../logging/logger.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';

/** The table holds a day's keys. */
@Injectable()
export class ExpiredKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: ExpiredRows;

  constructor(keys: IdempotencyKeys, logger: Logger) {
    const complaint = 'expired Idempotency-Keys were not removed';
    this.#rows = new ExpiredRows({ remove: (limit) => keys.removeExpired(limit), logger, complaint });
  }

  onApplicationBootstrap(): void {
    this.#rows.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#rows[Symbol.asyncDispose]();
  }

  sweep(): Promise<void> {
    return this.#rows.sweep();
  }
}
