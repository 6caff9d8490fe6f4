import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { BeginBulk } from './begin-bulk.ts';
import { BulkStoreModule } from './bulk-store.module.ts';
import { BulkController } from './bulk.controller.ts';

/** Jobs on many executions over HTTP. */
@Module({
  imports: [BulkStoreModule, RuntimeModule, WorkflowsModule],
  controllers: [BulkController],
  providers: [BeginBulk],
})
export class BulkModule {}
