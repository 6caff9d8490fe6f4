import { Module } from '@nestjs/common';
import { ExecutionEnd } from './execution-end.ts';
import { ExecutionHistories } from './execution-histories.ts';
import { ReadExecutions } from './read-executions.ts';
import { ResumeLinks } from './resume-links.ts';
import { RuntimeModule } from './runtime.module.ts';

/** For all who show executions, or wait for them. */
@Module({
  imports: [RuntimeModule],
  providers: [ReadExecutions, ExecutionHistories, ExecutionEnd, ResumeLinks],
  exports: [ReadExecutions, ExecutionHistories, ExecutionEnd, ResumeLinks],
})
export class ExecutionReadsModule {}
