import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import {
  AttemptRunner,
  ExecutionJournal,
  ExecutionWorker,
  FollowUps,
  Payloads,
  PlanCache,
} from '#libs/execution-runtime';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { taskStreamNames } from '#libs/work-queue-jetstream';
import type { Config } from '../config/config.ts';
import { StartForExecution } from '../executions/start-for-execution.ts';
import { SetAsidePoison } from '../dead-letters/set-aside-poison.ts';
import { OpenCredential } from '../credentials/open-credential.ts';
import { executorsOf } from '../node-types/executors.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../platform/nats/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** Attempts of one executor class that a process makes at once. */
const SLOTS_PER_EXECUTOR = 128;

/** Starts and drains the worker with the process. */
@Injectable()
export class WorkerService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #worker: ExecutionWorker;

  // What a worker is made of comes together here and nowhere else; it has no base and no other dependants.
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: Logger,
    private readonly metrics: WorkerMetrics,
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    credentials: OpenCredential,
    starter: StartForExecution,
    followUps: FollowUps,
    poison: SetAsidePoison,
    @Inject(NODE_TYPES) nodeTypes: NodeTypes,
    @Inject(CLOCK) clock: Clock,
    @Inject(EXECUTION_LOG) log: ExecutionLog,
    @Inject(LOG_MANAGER) manager: JetStreamManager,
  ) {
    const runner = new AttemptRunner({
      journal,
      plans,
      payloads,
      nodeTypes,
      credentials,
      starter,
      clock,
      newDeliveryName: () => randomUUID(),
      onFault: (error, attempt) => this.logger.error({ error, ...attempt }, 'a node type threw what it should not'),
    });
    this.#worker = new ExecutionWorker({
      connection,
      publisher,
      journal,
      runner,
      followUps,
      poison,
      isAway,
      observer: {
        attempted: (attempt) => this.metrics.attempted(attempt),
        failed: (error, what) => this.logger.warn({ error, ...what }, 'a delivery failed and will come again'),
      },
      logStreams: log.layout.streams.map((stream) => stream.name),
      taskStreams: taskStreamNames(this.config.logStreams),
      slots: Object.fromEntries(executorsOf(nodeTypes).map((executor) => [executor, SLOTS_PER_EXECUTOR])),
      ensureConsumer: async (stream, consumer) => void (await reconcileConsumer(manager, stream, consumer)),
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#worker.drain(this.config.shutdownMs);
    await this.#worker[Symbol.asyncDispose]();
  }
}
