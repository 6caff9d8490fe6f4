import { Module } from '@nestjs/common';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import { ResumeLinks } from './resume-links.ts';
import { RuntimeModule } from './runtime.module.ts';
import { StartForExecution } from './start-for-execution.ts';

/** What workers need that start executions on behalf of others. */
@Module({
  imports: [RuntimeModule, VariableStoreModule],
  providers: [StartForExecution, WorkflowJournal, ResumeLinks],
  exports: [StartForExecution, ResumeLinks],
})
export class ExecutionStarterModule {}
