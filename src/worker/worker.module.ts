import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import { WorkerService } from './worker.service.ts';

/** The role `worker`. */
@Module({ imports: [RuntimeModule], providers: [WorkerService, WorkerMetrics] })
export class WorkerModule {}
