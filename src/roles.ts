import type { ModuleMetadata } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.ts';
import { BulkModule } from './bulk/bulk.module.ts';
import { CircuitsModule } from './circuits/circuits.module.ts';
import type { Config, Role } from './config/config.ts';
import { AnnouncedCredentialChanges } from './credentials/announced-credential-changes.ts';
import { LiveCredentialsModule } from './credentials/live-credentials.module.ts';
import { ServerCredentialChecker } from './credentials/server-credential-checker.ts';
import { CredentialsModule } from './credentials/credentials.module.ts';
import { DeadLettersModule } from './dead-letters/dead-letters.module.ts';
import { DeliveriesModule } from './deliveries/deliveries.module.ts';
import { EmailTemplatesModule } from './email-templates/email-templates.module.ts';
import { EmailsModule } from './emails/emails.module.ts';
import { ExecutionsModule } from './executions/executions.module.ts';
import { executorsOf } from './node-types/executors.ts';
import { HookRegistrarModule } from './hooks/hook-registrar.module.ts';
import { HooksModule } from './hooks/hooks.module.ts';
import { InboxesModule } from './inboxes/inboxes.module.ts';
import { MailModule } from './mail/mail.module.ts';
import { MailRecordsModule } from './mail-records/mail-records.module.ts';
import { unsubscribePaths } from './mail-records/unsubscribe-paths.ts';
import { NodeTypesModule, type InstalledNodeTypes } from './node-types/node-types.module.ts';
import { OpenApiDocumentsModule } from './openapi-documents/openapi-documents.module.ts';
import { NatsModule } from './platform/nats/nats.module.ts';
import { OpenApiModule } from './platform/openapi/openapi.module.ts';
import { RevokeTokens } from './oauth/revoke-tokens.ts';
import { OAuthModule } from './oauth/oauth.module.ts';
import { startPaths } from './oauth/start-paths.ts';
import { ProjectionsModule } from './projections/projections.module.ts';
import { ProjectorModule } from './projector/projector.module.ts';
import { QueuesModule } from './queues/queues.module.ts';
import { QuotasModule } from './quotas/quotas.module.ts';
import { ReadModelsModule } from './read-models/read-models.module.ts';
import { WorkflowUsageInReadModel } from './read-models/workflow-usage.ts';
import { RetentionModule } from './retention/retention.module.ts';
import { ReplaysModule } from './replays/replays.module.ts';
import { SchedulerModule } from './scheduler/scheduler.module.ts';
import { SchedulesModule } from './schedules/schedules.module.ts';
import { SuppressionsModule } from './suppressions/suppressions.module.ts';
import { VariablesModule } from './variables/variables.module.ts';
import { hookPaths } from './webhooks/hook-paths.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';
import { WorkerModule } from './worker/worker.module.ts';
import { WorkflowsModule } from './workflows/workflows.module.ts';

type Features = NonNullable<ModuleMetadata['imports']>;

const CREDENTIALS = {
  usage: WorkflowUsageInReadModel,
  changes: AnnouncedCredentialChanges,
  checker: ServerCredentialChecker,
  revoker: RevokeTokens,
  imports: [LiveCredentialsModule],
};

/** The modules of the roles that this process plays. */
export function featuresOf(
  config: Config,
  parts: { servers: readonly string[]; installed: InstalledNodeTypes },
): Features {
  const { servers, installed } = parts;
  const executors = executorsOf(installed.nodeTypes);
  const common: Features = [
    NatsModule.forRoot({ config, servers, executors }),
    NodeTypesModule.forRoot(installed, { withApi: config.roles.has('api') }),
    ReadModelsModule,
  ];
  const ofRole: Record<Role, Features> = {
    api: [
      WorkflowsModule,
      ExecutionsModule,
      WebhooksModule,
      HooksModule,
      MailRecordsModule,
      BulkModule,
      DeadLettersModule,
      DeliveriesModule,
      CredentialsModule.forRoot(CREDENTIALS),
      EmailTemplatesModule.forRoot(WorkflowUsageInReadModel),
      OpenApiDocumentsModule.forRoot(WorkflowUsageInReadModel),
      VariablesModule,
      CircuitsModule,
      QuotasModule,
      QueuesModule,
      AuditModule,
      RetentionModule,
      ProjectionsModule,
      ReplaysModule,
      SchedulesModule,
      EmailsModule,
      SuppressionsModule,
      OAuthModule,
      OpenApiModule.forRoot({ ...hookPaths, ...startPaths, ...unsubscribePaths }),
    ],
    worker: [WorkerModule, HookRegistrarModule],
    projector: [ProjectorModule],
    scheduler: [SchedulerModule],
    mail: [MailModule, InboxesModule],
  };
  return [...common, ...[...config.roles].flatMap((role) => ofRole[role])];
}
