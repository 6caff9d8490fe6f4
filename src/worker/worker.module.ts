import { Module } from '@nestjs/common';
import { CredentialStoreModule } from '../credentials/credential-store.module.ts';
import { QueueStoreModule } from '../queues/queue-store.module.ts';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import { WorkerService } from './worker.service.ts';

/** The role `worker`. */
@Module({
  imports: [RuntimeModule, CredentialStoreModule, QueueStoreModule],
  providers: [WorkerService, WorkerMetrics],
})
export class WorkerModule {}
