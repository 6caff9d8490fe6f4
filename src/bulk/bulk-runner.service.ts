import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { jobConsumer, JobRunner } from '#libs/bulk-jobs';
import { JetStreamConnection, reconcileConsumer } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { BULK, BulkJobs, type BulkJob } from './bulk-job.ts';
import { WorkOnBulk } from './work-on-bulk.ts';

/** Works on jobs that do the same to many executions, with the process. */
@Injectable()
export class BulkRunnerService implements OnApplicationBootstrap, OnModuleDestroy {
  #runner: JobRunner<BulkJob> | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly jobs: BulkJobs,
    private readonly working: WorkOnBulk,
    private readonly logger: Logger,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { connection, jobs, clock, logger, manager } = this;
    this.#runner = new JobRunner({
      connection,
      jobs,
      clock,
      work: (job, target) => this.working.work(job, target),
      onError: (error) => logger.warn({ error }, 'a job that works on many executions stopped and will go on'),
      ensureConsumer: async () => void (await reconcileConsumer(manager, BULK.stream, jobConsumer(BULK))),
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.#runner?.drain();
    await this.#runner?.[Symbol.asyncDispose]();
  }
}
