import { Inject, Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError } from '#libs/kernel';
import { ScheduleJournal } from '#libs/scheduler';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';
import { slotExecutionIdOf } from '../schedules/schedule-ids.ts';
import type { BulkAction, BulkJob } from './bulk-job.ts';

type Slots = Extract<BulkAction, { readonly kind: 'slots' }>;

/** Runs one slot of a schedule that had no execution at its time. */
@Injectable()
export class BackfillSlot {
  constructor(
    private readonly journal: ScheduleJournal,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
  ) {}

  /** Throws `SLOT_ALREADY_RUN` when it has one, however that came. In a dry run only looks. */
  async run(
    { actor, isDryRun }: Pick<BulkJob, 'actor' | 'isDryRun'>,
    slot: string,
    { scheduleId }: Slots,
  ): Promise<void> {
    const slotMs = epochMsOf(slot);
    if (await this.log.store.readLast(slotExecutionIdOf(scheduleId, slotMs)))
      throw new MillraceError('conflict', 'SLOT_ALREADY_RUN', `the slot ${slot} has an execution`);
    if (!isDryRun) await this.journal.submit(scheduleId, { type: 'BackfillSlot', slotMs }, { actor });
  }
}
