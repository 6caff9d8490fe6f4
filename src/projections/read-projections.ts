import { Inject, Injectable } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection } from '#libs/jetstream';
import { toInstant, type Clock } from '#libs/kernel';
import {
  countParked,
  findRebuilds,
  PROJECTION_NAMES,
  readRebuildProgress,
  readStreamStates,
  type Database,
  type ProjectionName,
  type RebuildOrder,
  type RebuildProgress,
  type StateSources,
  type StreamState,
} from '#libs/read-models';
import {
  EXECUTION_LOG,
  LOG_MANAGER,
  WORKFLOW_LOG,
  type ExecutionLog,
  type WorkflowLog,
} from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { projectionStreams, type ProjectionStreams } from '../read-models/projection-streams.ts';
import { DATABASE } from '../read-models/tokens.ts';
import type { EndedRebuildView, ProjectionView, RebuildView } from './projections.dto.ts';

/** Every projection as Postgres and the log have it now, whichever process asks. */
@Injectable()
export class ReadProjections {
  readonly #streams: ProjectionStreams;

  // eslint-disable-next-line max-params -- each is one source, and this is where they meet
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EXECUTION_LOG) executions: ExecutionLog,
    @Inject(WORKFLOW_LOG) workflows: WorkflowLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#streams = projectionStreams(executions, workflows);
  }

  async all(): Promise<readonly ProjectionView[]> {
    const { connection, manager, database } = this;
    connection.ensureConnected();
    const [parked, { open, last }] = await Promise.all([countParked(database), findRebuilds(database)]);
    return Promise.all(
      PROJECTION_NAMES.map(async (name) => {
        const states = await readStreamStates({ connection, manager, database }, this.#streams[name], this.clock);
        return {
          ...this.#stateOf(name, states),
          parked: { count: parked.get(name) ?? 0 },
          rebuild: await this.#rebuildOf(open.find(({ projection }) => projection === name)),
          lastRebuild: endedViewOf(last.find(({ projection }) => projection === name)),
        };
      }),
    );
  }

  async rebuildView(order: RebuildOrder): Promise<RebuildView> {
    const { connection, manager, database } = this;
    const sources: StateSources = { connection, manager, database };
    const progress = await readRebuildProgress(sources, order.projection, this.#streams[order.projection]);
    return viewOf(order, progress, this.clock.nowMs());
  }

  async #rebuildOf(order: RebuildOrder | undefined): Promise<RebuildView | null> {
    return order ? this.rebuildView(order) : null;
  }

  #stateOf(name: ProjectionName, states: readonly StreamState[]) {
    const streams = states.map(({ stopped: _, ...stream }) => stream);
    const stopped = states.find((state) => state.stopped !== undefined)?.stopped ?? null;
    return {
      name,
      state: stopped === null ? ('live' as const) : ('stopped' as const),
      stopped,
      lag: {
        events: streams.reduce((sum, { lagEvents }) => sum + lagEvents, 0),
        ms: Math.max(0, ...streams.map(({ lagMs }) => lagMs)),
      },
      streams,
    };
  }
}

function viewOf(order: RebuildOrder, progress: RebuildProgress | undefined, nowMs: number): RebuildView {
  const { done, total } = progress ?? { done: 0, total: 0 };
  const perSecond = paceOf(order, progress, nowMs);
  const isBuilding = order.phase === 'building' && perSecond !== null && perSecond > 0;
  return {
    id: order.id,
    state: order.phase,
    compareOnly: order.compareOnly,
    requestedAt: toInstant(order.requestedMs),
    startedAt: order.begunMs === null ? null : toInstant(order.begunMs),
    done,
    total,
    percent: total === 0 ? 0 : Math.round((1000 * done) / total) / 10,
    perSecond,
    estimatedFinishAt: isBuilding ? toInstant(Math.round(nowMs + ((total - done) / perSecond) * 1000)) : null,
    error: order.error,
  };
}

function paceOf(order: RebuildOrder, progress: RebuildProgress | undefined, nowMs: number): number | null {
  if (order.begunMs === null || !progress || nowMs <= order.begunMs) return null;
  return Math.max(0, Math.round((1000 * (progress.reached - order.begunDone)) / (nowMs - order.begunMs)));
}

function endedViewOf(order: RebuildOrder | undefined): EndedRebuildView | null {
  if (!order || order.finishedMs === null) return null;
  const { id, compareOnly, rows, checksum, error } = order;
  return {
    id,
    state: order.phase as EndedRebuildView['state'],
    compareOnly,
    requestedAt: toInstant(order.requestedMs),
    finishedAt: toInstant(order.finishedMs),
    rows,
    checksum,
    error,
  };
}
