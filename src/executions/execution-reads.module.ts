import { Module } from '@nestjs/common';
import { ExecutionEnd } from './execution-end.ts';
import { ReadExecutions } from './read-executions.ts';
import { ResumeLinks } from './resume-links.ts';
import { RuntimeModule } from './runtime.module.ts';

/** For all who show executions, or wait for them. */
@Module({
  imports: [RuntimeModule],
  providers: [ReadExecutions, ExecutionEnd, ResumeLinks],
  exports: [ReadExecutions, ExecutionEnd, ResumeLinks],
})
export class ExecutionReadsModule {}
