import { Module } from '@nestjs/common';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { ExecutionEnd } from './execution-end.ts';
import { ExecutionsController } from './executions.controller.ts';
import { ReadExecutions } from './read-executions.ts';
import { RuntimeModule } from './runtime.module.ts';
import { StartExecutionsController } from './start-executions.controller.ts';
import { StartManually } from './start-manually.ts';

@Module({
  imports: [RuntimeModule, VariableStoreModule, WorkflowsModule],
  controllers: [ExecutionsController, StartExecutionsController],
  providers: [ReadExecutions, StartManually, ExecutionEnd],
})
export class ExecutionsModule {}
