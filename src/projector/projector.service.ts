import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { Clock } from '#libs/kernel';
import { JetStreamConnection, reconcileConsumer, type WorkConsumer } from '#libs/jetstream';
import {
  announceProgress,
  LogRolledBackError,
  PROJECTION_NAMES,
  StreamProjector,
  type BatchProjection,
  type BatchWaits,
  type Database,
  type ProjectionName,
  type ProjectorObserver,
} from '#libs/read-models';
import type { NodeTypes } from '#libs/node-kit';
import { RouteBucket } from '#libs/webhook-routes';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { HealthRegistry, type HealthDetails } from '../platform/health/health-registry.ts';
import { projectionStreams } from '../read-models/projection-streams.ts';
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
import { HistoryAnchorer } from './history-anchorer.ts';
import { projectionMakers } from './projection-makers.ts';
import { ProjectorMetrics } from './projector-metrics.ts';
import { createRoutesPublisher } from './routes-publisher.ts';

/** Behind each change of a workflow, a dead letter or a suppression a caller waits until reads show it. */
const AWAITED = { idleMs: 2, busyMs: 10 };
const WAITS: Readonly<Partial<Record<ProjectionName, BatchWaits>>> = {
  workflows: AWAITED,
  deadLetters: AWAITED,
  audit: AWAITED,
  suppressions: AWAITED,
};

/** The role `projector`: read models in Postgres, and the routes bucket. */
@Injectable()
export class ProjectorService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #projectors: StreamProjector[] = [];
  #routes: WorkConsumer | undefined;
  /** Streams that are not the log that the rows were made of. */
  readonly #stopped = new Set<string>();

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly bucket: RouteBucket,
    private readonly logger: Logger,
    private readonly metrics: ProjectorMetrics,
    private readonly anchorer: HistoryAnchorer,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EXECUTION_LOG) private readonly executions: ExecutionLog,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    private readonly health: HealthRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { connection, database, manager } = this;
    const makers = projectionMakers(this.executions, this.workflows, 'live');
    const streams = projectionStreams(this.executions, this.workflows);
    for (const name of PROJECTION_NAMES)
      for (const stream of streams[name]) this.#follow(stream, makers[name](database), WAITS[name]);
    const [workflowStream = 'WORKFLOWS'] = streams.workflows;
    this.health.register({ name: 'projections', check: () => Promise.resolve(this.#healthDetails()) });
    for (const projector of this.#projectors) projector.start();
    this.#routes = createRoutesPublisher({
      connection,
      log: this.workflows,
      bucket: this.bucket,
      nodeTypes: this.nodeTypes,
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

  /** The process can work: what is accepted goes on, only what lists show stands still. So it is told and no more. */
  #healthDetails(): HealthDetails {
    return this.#stopped.size > 0 ? { stopped: [...this.#stopped].toSorted().join(', ') } : {};
  }

  #observer(): ProjectorObserver {
    return {
      applied: (stream, batch) => {
        this.#stopped.delete(stream);
        announceProgress(this.connection, stream, batch.sequence);
        this.metrics.applied(stream, batch);
        // Some of them may have ended.
        if (this.executions.layout.streams.some(({ name }) => name === stream)) this.anchorer.wake();
      },
      parked: (event) => {
        this.metrics.parked(event.projection);
        this.logger.error({ ...event }, 'an event was parked, as its projection can not take it');
      },
      failed: (stream, error) => {
        this.metrics.failed(stream);
        const fields = { error, stream };
        if (error instanceof LogRolledBackError) {
          this.#stopped.add(stream);
          this.logger.error(fields, 'the read models stopped: the log is not theirs');
        } else this.logger.warn(fields, 'the read models fell behind and will catch up');
      },
    };
  }
}
