import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { toInstant, type Clock } from '#libs/kernel';
import { removeDeliveriesBefore, removeMailsBefore, type Database } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { ExpiredRows } from '../platform/database/expired-rows.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

/**
 * Ledgers hold what they hold for the configured time, as the log does: refused calls from when they came, a mail from when
 * something was told of it last.
 */
@Injectable()
export class ExpiredLedgers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #ledgers: readonly ExpiredRows[];

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(CONFIG) { deliveriesKeptMs, emailsKeptMs }: Pick<Config, 'deliveriesKeptMs' | 'emailsKeptMs'>,
    @Inject(CLOCK) clock: Clock,
    logger: Logger,
  ) {
    const before = (keptMs: number): string => toInstant(clock.nowMs() - keptMs);
    const rows = (what: string, remove: (limit: number) => Promise<number>): ExpiredRows =>
      new ExpiredRows({ remove, logger, complaint: `${what} were not removed` });
    this.#ledgers = [
      rows('old entries of the delivery ledger', (limit) =>
        removeDeliveriesBefore(database, before(deliveriesKeptMs), limit),
      ),
      rows('old mails', (limit) => removeMailsBefore(database, before(emailsKeptMs), limit)),
    ];
  }

  onApplicationBootstrap(): void {
    for (const ledger of this.#ledgers) ledger.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#ledgers.map((ledger) => ledger[Symbol.asyncDispose]()));
  }

  async sweep(): Promise<void> {
    await Promise.all(this.#ledgers.map((ledger) => ledger.sweep()));
  }
}
