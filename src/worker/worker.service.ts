import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import {
  AttemptRunner,
  ExecutionJournal,
  ExecutionWorker,
  FollowUps,
  type WorkerObserver,
} from '#libs/execution-runtime';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { PausedQueues, REPORT_EVERY_MS, taskStreamNames, WorkerReports } from '#libs/work-queue-jetstream';
import type { Config } from '../config/config.ts';
import { SetAsidePoison } from '../dead-letters/set-aside-poison.ts';
import { executorsOf } from '../node-types/executors.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../platform/nats/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { SLOTS_PER_EXECUTOR } from './slots.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** Starts and drains the worker with the process. */
@Injectable()
export class WorkerService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #worker: ExecutionWorker;
  /** Of this process, among the workers that report. */
  readonly #workerId = randomUUID();
  #reporting: NodeJS.Timeout | undefined;

  // What a worker is made of comes together here and nowhere else; it has no base and no other dependants.
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: Logger,
    private readonly metrics: WorkerMetrics,
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    journal: ExecutionJournal,
    runner: AttemptRunner,
    followUps: FollowUps,
    poison: SetAsidePoison,
    @Inject(NODE_TYPES) nodeTypes: NodeTypes,
    @Inject(CLOCK) clock: Clock,
    @Inject(EXECUTION_LOG) log: ExecutionLog,
    @Inject(LOG_MANAGER) manager: JetStreamManager,
    private readonly reports: WorkerReports,
    pauses: PausedQueues,
  ) {
    this.#worker = new ExecutionWorker({
      connection,
      publisher,
      journal,
      runner,
      followUps,
      clock,
      failures: { isAway, poison },
      observer: this.#observer(),
      pauses,
      logStreams: log.layout.streams.map((stream) => stream.name),
      taskStreams: taskStreamNames(this.config.logStreams),
      slots: Object.fromEntries(executorsOf(nodeTypes).map((executor) => [executor, SLOTS_PER_EXECUTOR])),
      ensureConsumer: async (stream, consumer) => void (await reconcileConsumer(manager, stream, consumer)),
    });
  }

  #observer(): WorkerObserver {
    return {
      attempted: (attempt) => this.metrics.attempted(attempt),
      drifted: (answers) => this.metrics.drifted(answers),
      failed: (error, what) => this.logger.warn({ error, ...what }, 'a delivery failed and will come again'),
    };
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
    this.#reporting = setInterval(() => void this.#report(), REPORT_EVERY_MS);
    void this.#report();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#reporting);
    await this.#worker.drain(this.config.shutdownMs);
    await this.#worker[Symbol.asyncDispose]();
    // Forgotten after some seconds if this fails.
    await this.reports.withdraw(this.#workerId).catch(() => undefined);
  }

  /** One that is not written is followed by another. */
  async #report(): Promise<void> {
    await this.reports.write(this.#workerId, this.#worker.report()).catch(() => undefined);
  }
}
