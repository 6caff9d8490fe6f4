import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { isTerminal } from '#libs/execution-engine';
import { ExecutionJournal } from '#libs/execution-runtime';
import { epochMsOf, type Clock } from '#libs/kernel';
import { ScheduleJournal } from '#libs/scheduler';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { SCHEDULE_LOG, type ScheduleLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { CALENDAR } from './calendar.ts';
import { slotExecutionIdOf } from './schedule-ids.ts';

/** An execution that is in no log this long after it was fired was removed since: nothing waits for it. */
const STARTS_WITHIN_MS = 60 * 60 * 1000;

/** What changes schedules. */
@Module({
  imports: [RuntimeModule],
  providers: [
    {
      provide: ScheduleJournal,
      inject: [SCHEDULE_LOG, ExecutionJournal, CLOCK],
      useFactory: ({ store }: ScheduleLog, executions: ExecutionJournal, clock: Clock) =>
        new ScheduleJournal({
          ...{ store, clock, calendar: CALENDAR },
          newCommitId: randomUUID,
          executionIdOf: slotExecutionIdOf,
          isUnderWay: async ({ executionId, at }) => {
            const state = await executions.fresh(executionId);
            if (state.status === 'none') return clock.nowMs() - epochMsOf(at) < STARTS_WITHIN_MS;
            return !isTerminal(state);
          },
        }),
    },
  ],
  exports: [ScheduleJournal],
})
export class ScheduleJournalModule {}
