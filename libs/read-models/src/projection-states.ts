import type { JetStreamManager } from '@nats-io/jetstream';
import { storedAtOfNext, type JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { findCheckpoints, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { ProjectionName } from './projections.ts';
import { rebuildCheckpoints } from './rebuild-tables.ts';
import { digestAt, ensureSameLog, LogRolledBackError } from './same-log.ts';

/** How far the read models of one stream are behind it. */
export interface StreamState {
  readonly stream: string;
  /** Of the last message applied. */
  readonly sequence: number;
  readonly lastSequence: number;
  readonly lagEvents: number;
  /** Age of the oldest message that is not applied, when the checkpoint was read. */
  readonly lagMs: number;
  /** Why nothing more is applied: the log is not the one that the rows were made of. */
  readonly stopped: string | undefined;
}

export interface StateSources {
  readonly connection: JetStreamConnection;
  readonly manager: JetStreamManager;
  readonly database: Database;
}

/** In the order asked for. */
export async function readStreamStates(
  sources: StateSources,
  streams: readonly string[],
  clock: Clock,
): Promise<StreamState[]> {
  const found = await findCheckpoints(sources.database, streams);
  const readAtMs = clock.nowMs();
  const checkpoints = new Map(found.map((checkpoint) => [checkpoint.stream, checkpoint]));
  return Promise.all(
    streams.map((stream) => stateOf(sources, stream, { checkpoint: checkpoints.get(stream), readAtMs })),
  );
}

async function stateOf(
  { connection, manager }: StateSources,
  stream: string,
  { checkpoint, readAtMs }: { readonly checkpoint: Checkpoint | undefined; readonly readAtMs: number },
): Promise<StreamState> {
  const { created, state } = await manager.streams.info(stream);
  const { sequence } = checkpoint ?? { sequence: 0 };
  const lagEvents = Math.max(0, Math.min(state.last_seq - sequence, state.messages));
  return {
    stream,
    sequence,
    lastSequence: state.last_seq,
    lagEvents,
    lagMs: lagEvents === 0 ? 0 : await ageOfNext(connection, { stream, sequence }, readAtMs),
    stopped: checkpoint && (await reasonToStop(manager, checkpoint, { created, lastSequence: state.last_seq })),
  };
}

async function ageOfNext(
  connection: JetStreamConnection,
  { stream, sequence }: { readonly stream: string; readonly sequence: number },
  nowMs: number,
): Promise<number> {
  const storedAtMs = await storedAtOfNext(connection, stream, { filter: '>', fromSequence: sequence + 1 });
  // The server's clock and ours may differ; and what was stored since then has not waited yet.
  return storedAtMs === undefined ? 0 : Math.max(0, nowMs - storedAtMs);
}

async function reasonToStop(
  manager: JetStreamManager,
  checkpoint: Checkpoint,
  log: { readonly created: string; readonly lastSequence: number },
): Promise<string | undefined> {
  try {
    ensureSameLog(checkpoint, { ...log, digest: await digestAt(manager, checkpoint) });
    return undefined;
  } catch (error) {
    if (error instanceof LogRolledBackError) return error.message;
    throw error;
  }
}

/** How much of the streams a rebuild has applied. */
export interface RebuildProgress {
  readonly done: number;
  readonly total: number;
  /** The same as `done`, counted as `begunDone` of the order is. */
  readonly reached: number;
}

/** Undefined while it has no tables. */
export async function readRebuildProgress(
  { manager, database }: StateSources,
  projection: ProjectionName,
  streams: readonly string[],
): Promise<RebuildProgress | undefined> {
  const checkpoints = await rebuildCheckpoints(database, projection);
  if (!checkpoints) return undefined;
  const reached = new Map(checkpoints.map(({ stream, sequence }) => [stream, sequence]));
  const parts = await Promise.all(
    streams.map(async (stream) => {
      const { first_seq: first, last_seq: last } = (await manager.streams.info(stream)).state;
      const at = Math.max(reached.get(stream) ?? 0, first - 1);
      return { done: at - first + 1, total: last - first + 1, reached: at };
    }),
  );
  return parts.reduce(
    (sum, part) => ({
      done: sum.done + part.done,
      total: sum.total + part.total,
      reached: sum.reached + part.reached,
    }),
    { done: 0, total: 0, reached: 0 },
  );
}
