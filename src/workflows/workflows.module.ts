import { Module } from '@nestjs/common';
import { ChangeWorkflow } from './change-workflow.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { WorkflowJournal } from './workflow-journal.ts';
import { WorkflowsController } from './workflows.controller.ts';

@Module({
  controllers: [WorkflowsController],
  providers: [WorkflowJournal, ChangeWorkflow, ReadWorkflows],
  exports: [WorkflowJournal],
})
export class WorkflowsModule {}
