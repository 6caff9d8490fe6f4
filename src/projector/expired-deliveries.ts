import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { toInstant, type Clock } from '#libs/kernel';
import { removeDeliveriesBefore, type Database } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { ExpiredRows } from '../platform/database/expired-rows.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

/** The ledger holds refused calls for the configured time, as the log does. */
@Injectable()
export class ExpiredDeliveries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: ExpiredRows;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(CONFIG) { deliveriesKeptMs }: Config,
    @Inject(CLOCK) clock: Clock,
    logger: Logger,
  ) {
    const complaint = 'old entries of the delivery ledger were not removed';
    const remove = (limit: number): Promise<number> =>
      removeDeliveriesBefore(database, toInstant(clock.nowMs() - deliveriesKeptMs), limit);
    this.#rows = new ExpiredRows({ remove, logger, complaint });
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
