import { Module } from '@nestjs/common';
import { ChangeWorkflow } from './change-workflow.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { Visibility } from './visibility.ts';
import { WorkflowJournal } from './workflow-journal.ts';
import { WorkflowsController } from './workflows.controller.ts';

@Module({
  imports: [WebhooksModule],
  controllers: [WorkflowsController],
  providers: [WorkflowJournal, Visibility, ChangeWorkflow, ReadWorkflows],
  exports: [WorkflowJournal],
})
export class WorkflowsModule {}
