import { Module } from '@nestjs/common';
import { ContinuingModule } from '../executions/continuing.module.ts';
import { ExecutionReadsModule } from '../executions/execution-reads.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { ScheduleJournalModule } from '../schedules/schedule-journal.module.ts';
import { BackfillCall } from './backfill-call.ts';
import { BackfillSlot } from './backfill-slot.ts';
import { BulkRunnerService } from './bulk-runner.service.ts';
import { BulkStoreModule } from './bulk-store.module.ts';
import { WorkOnBulk } from './work-on-bulk.ts';

/** What a worker does for jobs on many executions. */
@Module({
  imports: [
    BulkStoreModule,
    RuntimeModule,
    ContinuingModule,
    ExecutionReadsModule,
    VariableStoreModule,
    ScheduleJournalModule,
  ],
  providers: [BackfillCall, BackfillSlot, WorkOnBulk, BulkRunnerService],
})
export class BulkRunnerModule {}
