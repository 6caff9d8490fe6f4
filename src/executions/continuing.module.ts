import { Module } from '@nestjs/common';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import { ContinueExecution } from './continue-execution.ts';
import { ExecutionReadsModule } from './execution-reads.module.ts';
import { ForkExecution } from './fork-execution.ts';
import { PastExecutions } from './past-execution.ts';
import { RetryExecution } from './retry-execution.ts';
import { RuntimeModule } from './runtime.module.ts';

/** For all who make executions go on from others. */
@Module({
  imports: [RuntimeModule, ExecutionReadsModule, VariableStoreModule],
  providers: [WorkflowJournal, PastExecutions, ContinueExecution, RetryExecution, ForkExecution],
  exports: [RetryExecution, ForkExecution],
})
export class ContinuingModule {}
