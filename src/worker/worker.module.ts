import { Module } from '@nestjs/common';
import { BulkRunnerModule } from '../bulk/bulk-runner.module.ts';
import { LiveCredentialsModule } from '../credentials/live-credentials.module.ts';
import { SetAsideModule } from '../dead-letters/set-aside.module.ts';
import { ExecutionStarterModule } from '../executions/execution-starter.module.ts';
import { ParkedExecutionsModule } from '../executions/parked-executions.module.ts';
import { QueueStoreModule } from '../queues/queue-store.module.ts';
import { GatesModule } from '../executions/gates.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { MailStoreModule } from '../mail-records/mail-store.module.ts';
import { attemptRunnerProvider } from './attempt-runner.provider.ts';
import { BindMailRecords } from './bind-mail-records.ts';
import { BindMailTemplates } from './bind-mail-templates.ts';
import { BindOpenApiOperations } from './bind-openapi-operations.ts';
import { DestinationsModule } from './destinations.module.ts';
import { followUpsProvider } from './follow-ups.provider.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import { WorkerService } from './worker.service.ts';

/** The role `worker`. */
@Module({
  imports: [
    RuntimeModule,
    LiveCredentialsModule,
    ParkedExecutionsModule,
    ExecutionStarterModule,
    SetAsideModule,
    BulkRunnerModule,
    DestinationsModule,
    QueueStoreModule,
    GatesModule,
    MailStoreModule,
  ],
  providers: [
    WorkerService,
    WorkerMetrics,
    BindMailRecords,
    BindMailTemplates,
    BindOpenApiOperations,
    attemptRunnerProvider,
    followUpsProvider,
  ],
})
export class WorkerModule {}
