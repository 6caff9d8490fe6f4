import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { jobConsumer, JobRunner, type TargetOutcome } from '#libs/bulk-jobs';
import { REDRIVES } from '#libs/dead-letters';
import { JetStreamConnection, reconcileConsumer } from '#libs/jetstream';
import { MillraceError, type Clock } from '#libs/kernel';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { RedriveDeadLetter } from './redrive-dead-letter.ts';
import { RedriveJobs, type RedriveJob } from './redrive-jobs.ts';

/** Works on jobs that redrive many dead letters, with the process. */
@Injectable()
export class RedriverService implements OnApplicationBootstrap, OnModuleDestroy {
  #redriver: JobRunner<RedriveJob> | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly jobs: RedriveJobs,
    private readonly redriving: RedriveDeadLetter,
    private readonly logger: Logger,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { connection, jobs, clock, logger, manager } = this;
    this.#redriver = new JobRunner({
      connection,
      jobs,
      clock,
      work: (job, deadLetterId) => this.#redrive(job, deadLetterId),
      onError: (error) => logger.warn({ error }, 'a job that redrives dead letters stopped and will go on'),
      ensureConsumer: async () => void (await reconcileConsumer(manager, REDRIVES.stream, jobConsumer(REDRIVES))),
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.#redriver?.drain();
    await this.#redriver?.[Symbol.asyncDispose]();
  }

  /** One letter that can't be redriven must not keep the others of its job from it. */
  async #redrive({ id, workspaceId, actor }: RedriveJob, deadLetterId: string): Promise<TargetOutcome> {
    try {
      await this.redriving.redrive({ workspaceId, deadLetterId, actor });
      return 'done';
    } catch (error) {
      if (isAway(error)) throw error;
      if (!(error instanceof MillraceError))
        this.logger.error({ error, deadLetterId, jobId: id }, 'a dead letter could not be redriven');
      return { refused: error instanceof MillraceError ? error.code : 'INTERNAL' };
    }
  }
}
