import { Module } from '@nestjs/common';
import { CredentialStoreModule } from '../credentials/credential-store.module.ts';
import { KnownCredentials } from '../credentials/known-credentials.ts';
import { EmailTemplateStoreModule } from '../email-templates/email-template-store.module.ts';
import { ReadTemplates } from '../email-templates/read-templates.ts';
import { KnownOperations } from '../openapi-documents/known-operations.ts';
import { OpenApiDocumentStoreModule } from '../openapi-documents/openapi-document-store.module.ts';
import { ChangeWorkflow } from './change-workflow.ts';
import { CheckDefinition } from './check-definition.ts';
import { CredentialDirectory } from './credential-directory.ts';
import { OperationDirectory } from './operation-directory.ts';
import { NewEndpoints } from './new-endpoints.ts';
import { ReadVersions } from './read-versions.ts';
import { ReadWebhooks } from './read-webhooks.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { WebhooksController } from './webhooks.controller.ts';
import { ScheduleTableModule } from '../schedules/schedule-table.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { MailAddressesController } from './mail-addresses.controller.ts';
import { InboxStoreModule } from '../inboxes/inbox-store.module.ts';
import { ReadMailboxes } from './read-mailboxes.ts';
import { ReadMailAddresses } from './read-mail-addresses.ts';
import { RotateEndpoint } from './rotate-endpoint.ts';
import { TemplateDirectory } from './template-directory.ts';
import { UpgradeWorkflow } from './upgrade-workflow.ts';
import { Visibility } from './visibility.ts';
import { WorkflowActivationController } from './workflow-activation.controller.ts';
import { WorkflowExchangeController } from './workflow-exchange.controller.ts';
import { WorkflowJournal } from './workflow-journal.ts';
import { WorkflowUpgradeController } from './workflow-upgrade.controller.ts';
import { WorkflowVersionsController } from './workflow-versions.controller.ts';
import { WorkflowsController } from './workflows.controller.ts';

@Module({
  imports: [
    CredentialStoreModule,
    EmailTemplateStoreModule,
    OpenApiDocumentStoreModule,
    InboxStoreModule,
    ScheduleTableModule,
    WebhooksModule,
  ],
  controllers: [
    WorkflowsController,
    WorkflowActivationController,
    WebhooksController,
    MailAddressesController,
    WorkflowVersionsController,
    WorkflowUpgradeController,
    WorkflowExchangeController,
  ],
  providers: [
    WorkflowJournal,
    Visibility,
    CheckDefinition,
    ChangeWorkflow,
    UpgradeWorkflow,
    NewEndpoints,
    ReadWorkflows,
    ReadVersions,
    ReadWebhooks,
    ReadMailAddresses,
    ReadMailboxes,
    RotateEndpoint,
    { provide: CredentialDirectory, useExisting: KnownCredentials },
    { provide: TemplateDirectory, useExisting: ReadTemplates },
    { provide: OperationDirectory, useExisting: KnownOperations },
  ],
  exports: [ReadVersions, ReadWorkflows, WorkflowJournal],
})
export class WorkflowsModule {}
