import { Module } from '@nestjs/common';
import { ExecutionReadsModule } from '../executions/execution-reads.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { ArchiveStoreModule } from './archive-store.module.ts';
import { EraseData } from './erase-data.ts';
import { RetentionController } from './retention.controller.ts';
import { RetentionPeriod } from './retention-period.ts';

/** How long things are kept, over HTTP. */
@Module({
  imports: [ArchiveStoreModule, ExecutionReadsModule, RuntimeModule],
  controllers: [RetentionController],
  providers: [RetentionPeriod, EraseData],
})
export class RetentionModule {}
