import { Module } from '@nestjs/common';
import { ExecutionReadsModule } from '../executions/execution-reads.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { CheckVersion } from './check-version.ts';
import { ReadBundle } from './read-bundle.ts';
import { Recordings } from './recordings.ts';
import { ReplayExecution } from './replay-execution.ts';
import { ReplaysController } from './replays.controller.ts';
import { VersionChecksController } from './version-checks.controller.ts';

/** Executions held against versions, dry. */
@Module({
  imports: [RuntimeModule, ExecutionReadsModule, WorkflowsModule],
  controllers: [ReplaysController, VersionChecksController],
  providers: [Recordings, ReplayExecution, CheckVersion, ReadBundle],
})
export class ReplaysModule {}
