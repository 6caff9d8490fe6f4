import { MikroORM } from '@mikro-orm/postgresql';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import {
  hearRebuilds,
  PROJECTION_NAMES,
  ProjectionRebuilder,
  type Database,
  type ProjectionName,
  type RebuilderObserver,
  type RebuildTarget,
} from '#libs/read-models';
import { Logger } from '../platform/logging/logger.ts';
import { EXECUTION_LOG, WORKFLOW_LOG, type ExecutionLog, type WorkflowLog } from '../platform/nats/tokens.ts';
import { projectionStreams } from '../read-models/projection-streams.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { fillFromArchive } from './fill-from-archive.ts';
import { projectionMakers } from './projection-makers.ts';
import { ProjectorMetrics } from './projector-metrics.ts';

/** Rebuilds of the role `projector`: what was ordered before it started, and what is while it runs. */
@Injectable()
export class RebuildsService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #rebuilders = new Map<ProjectionName, ProjectionRebuilder>();
  #hearing: Disposable | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly logger: Logger,
    private readonly metrics: ProjectorMetrics,
    private readonly orm: MikroORM,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EXECUTION_LOG) private readonly executions: ExecutionLog,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
  ) {}

  onApplicationBootstrap(): void {
    const { connection, database, orm } = this;
    const url = orm.config.get('clientUrl') ?? '';
    const makers = projectionMakers(this.executions, this.workflows, 'rebuild');
    const streams = projectionStreams(this.executions, this.workflows);
    for (const name of PROJECTION_NAMES) {
      const target = { name, streams: streams[name], createProjection: makers[name], ...this.#fillFor(name) };
      const parts = { connection, database, url, target, observer: this.#observer() };
      this.#rebuilders.set(name, new ProjectionRebuilder(parts));
    }
    // Heard first: what is ordered from here on is not missed, and what was ordered before is looked for.
    this.#hearing = hearRebuilds(connection, (name) => this.#wake(name));
    this.#wake('any');
  }

  async onModuleDestroy(): Promise<void> {
    this.#hearing?.[Symbol.dispose]();
    await Promise.all(Array.from(this.#rebuilders.values(), (one) => one[Symbol.asyncDispose]()));
  }

  #wake(name: ProjectionName | 'any'): void {
    for (const [of, rebuilder] of this.#rebuilders) if (name === 'any' || name === of) rebuilder.wake();
  }

  #fillFor(name: ProjectionName): Pick<RebuildTarget, 'fill'> {
    if (name !== 'executions') return {};
    return { fill: (database, signal) => fillFromArchive(database, this.executions, signal) };
  }

  #observer(): RebuilderObserver {
    const { logger, metrics } = this;
    return {
      failed: ({ id, projection }, error) => logger.warn({ error, id, projection }, 'a rebuild can not go on yet'),
      ended: ({ id, projection }) => logger.info({ id, projection }, 'a rebuild is over'),
      applied: (stream, size) => metrics.rebuilt(stream, size),
      // That it was parked in the live read models, too, was told then.
      parked: (event) => logger.error({ ...event }, 'an event was parked again, as its projection can not take it'),
    };
  }
}
