import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Archiver, Eraser } from '#libs/execution-archive';
import { toInstant, type Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { ExpiredRows } from '../platform/database/expired-rows.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';

/** Histories that are worked on at once: all of them are in memory together. */
const STEP = 50;

/** Moves histories that are over into the archive, and removes what is kept no longer. Two of them do no harm to each other. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #sweeps: readonly ExpiredRows[];

  constructor(
    archiver: Archiver,
    eraser: Eraser,
    @Inject(CONFIG) { archiveAfterMs, retentionDays }: Config,
    @Inject(CLOCK) clock: Clock,
    logger: Logger,
  ) {
    const now = (): string => toInstant(clock.nowMs());
    const sweep = (complaint: string, remove: (limit: number) => Promise<number>): ExpiredRows =>
      new ExpiredRows({ remove, logger, complaint, step: STEP });
    this.#sweeps = [
      sweep('data that was erased is not out of the log yet', (limit) => eraser.finishErasures(limit)),
      sweep('executions that are kept no longer were not removed', (limit) =>
        eraser.expire(now(), { defaultDays: retentionDays, limit }),
      ),
      sweep('histories that are over were not archived', (limit) =>
        archiver.archive(toInstant(clock.nowMs() - archiveAfterMs), limit),
      ),
    ];
  }

  onApplicationBootstrap(): void {
    for (const sweep of this.#sweeps) sweep.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#sweeps.map((sweep) => sweep[Symbol.asyncDispose]()));
  }

  /** All that is due now, one after the other. */
  async sweep(): Promise<void> {
    for (const sweep of this.#sweeps) await sweep.sweep();
  }
}
