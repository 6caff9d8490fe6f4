import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { toInstant, type Clock } from '#libs/kernel';
import { removeMailsBefore, type Database } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { ExpiredRows } from '../platform/database/expired-rows.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

/** A mail is listed for as long as the log has something of it: the configured time after it was told of last. */
@Injectable()
export class ExpiredMails implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: ExpiredRows;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(CONFIG) { emailsKeptMs }: Config,
    @Inject(CLOCK) clock: Clock,
    logger: Logger,
  ) {
    const complaint = 'old mails were not removed';
    const remove = (limit: number): Promise<number> =>
      removeMailsBefore(database, toInstant(clock.nowMs() - emailsKeptMs), limit);
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
