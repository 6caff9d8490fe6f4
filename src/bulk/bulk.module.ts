import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { SchedulesModule } from '../schedules/schedules.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { BeginBulk } from './begin-bulk.ts';
import { BeginSlots } from './begin-slots.ts';
import { BulkStoreModule } from './bulk-store.module.ts';
import { BulkController } from './bulk.controller.ts';
import { FindTargets } from './find-targets.ts';

/** Jobs on many executions over HTTP. */
@Module({
  imports: [BulkStoreModule, RuntimeModule, SchedulesModule, WorkflowsModule],
  controllers: [BulkController],
  providers: [BeginBulk, BeginSlots, FindTargets],
})
export class BulkModule {}
