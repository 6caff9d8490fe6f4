import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { DEAD_LETTER_STREAM } from '#libs/dead-letters';
import type { Clock } from '#libs/kernel';
import { JetStreamConnection, reconcileConsumer, type WorkConsumer } from '#libs/jetstream';
import {
  announceProgress,
  DeadLetterProjection,
  DeliveryProjection,
  ExecutionProjection,
  LogRolledBackError,
  StreamProjector,
  WorkflowProjection,
  type BatchProjection,
  type BatchWaits,
  type Database,
  type ProjectorObserver,
} from '#libs/read-models';
import { DELIVERY_STREAM } from '#libs/webhook-deliveries';
import { RouteBucket } from '#libs/webhook-routes';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { Logger } from '../platform/logging/logger.ts';
import {
  EXECUTION_LOG,
  LOG_MANAGER,
  WORKFLOW_LOG,
  type ExecutionLog,
  type WorkflowLog,
} from '../platform/nats/tokens.ts';
import { ROUTES_CONSUMER } from '../webhooks/routes-consumer.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { createRoutesPublisher } from './routes-publisher.ts';

/** Behind each change of a workflow or a dead letter a caller waits until reads show it. */
const AWAITED = { idleMs: 2, busyMs: 10 };

/** The role `projector`: read models in Postgres, and the routes bucket. */
@Injectable()
export class ProjectorService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #projectors: StreamProjector[] = [];
  #routes: WorkConsumer | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly bucket: RouteBucket,
    private readonly logger: Logger,
    private readonly metrics: ProjectorMetrics,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EXECUTION_LOG) private readonly executions: ExecutionLog,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { connection, database, manager } = this;
    for (const { name } of this.executions.layout.streams)
      this.#follow(name, new ExecutionProjection(database, this.executions.codec));
    const [{ name: workflowStream } = { name: 'WORKFLOWS' }] = this.workflows.layout.streams;
    this.#follow(workflowStream, new WorkflowProjection(database, this.workflows.codec), AWAITED);
    this.#follow(DEAD_LETTER_STREAM, new DeadLetterProjection(database), AWAITED);
    this.#follow(DELIVERY_STREAM, new DeliveryProjection(database));
    for (const projector of this.#projectors) projector.start();
    this.#routes = createRoutesPublisher({
      connection,
      log: this.workflows,
      bucket: this.bucket,
      clock: this.clock,
      onError: (error) => this.logger.warn({ error }, 'routes could not be written and will be tried again'),
      ensureConsumer: async () => void (await reconcileConsumer(manager, workflowStream, ROUTES_CONSUMER)),
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.#routes?.drain();
    await this.#routes?.[Symbol.asyncDispose]();
    await Promise.all(this.#projectors.map((projector) => projector[Symbol.asyncDispose]()));
  }

  #follow(stream: string, projection: BatchProjection, waits?: BatchWaits): void {
    const { connection, database } = this;
    const parts = { connection, database, stream, projection, observer: this.#observer() };
    this.#projectors.push(new StreamProjector({ ...parts, ...(waits ? { waits } : {}) }));
  }

  #observer(): ProjectorObserver {
    return {
      applied: (stream, batch) => {
        announceProgress(this.connection, stream, batch.sequence);
        this.metrics.applied(stream, batch);
      },
      parked: (event) => {
        this.metrics.parked(event.projection);
        this.logger.error({ ...event }, 'an event was parked, as its projection can not take it');
      },
      failed: (stream, error) => {
        this.metrics.failed(stream);
        const fields = { error, stream };
        if (error instanceof LogRolledBackError)
          this.logger.error(fields, 'the read models stopped: the log is not theirs');
        else this.logger.warn(fields, 'the read models fell behind and will catch up');
      },
    };
  }
}
