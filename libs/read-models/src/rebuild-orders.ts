import type { Database } from './database.ts';
import type { ProjectionName } from './projections.ts';

/** `requested`: no projector has taken it yet. The last three are ends. */
export const REBUILD_PHASES = [
  'requested',
  'building',
  'indexing',
  'comparing',
  'swapping',
  'done',
  'cancelled',
  'failed',
] as const;
export type RebuildPhase = (typeof REBUILD_PHASES)[number];
type Ended = 'done' | 'cancelled' | 'failed';

/** Rebuilt and live rows at one and the same checkpoint. */
export interface RebuildChecksum {
  /** Null, with `reason`, when there was nothing that it could be held against. */
  readonly same: boolean | null;
  readonly reason?: string;
  readonly rebuilt?: string;
  readonly live?: string;
  /** Keys of some rows that differ or are only on one side, as `<table> <key>`. */
  readonly differing?: readonly string[];
}

/** What was asked for and what became of it. The row is the truth; messages about it only wake those who read it. */
export interface RebuildOrder {
  readonly id: string;
  readonly projection: ProjectionName;
  /** Nothing takes over: the rows are only held against the live ones. */
  readonly compareOnly: boolean;
  readonly requestedBy: string;
  readonly requestedMs: number;
  readonly phase: RebuildPhase;
  /** Since when the process that is at it is at it, and how many messages were applied before. */
  readonly begunMs: number | null;
  readonly begunDone: number;
  readonly finishedMs: number | null;
  readonly rows: number | null;
  readonly checksum: RebuildChecksum | null;
  /** Why it failed, or what keeps it from going on and is tried again. */
  readonly error: string | null;
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
const COLUMNS = `id, projection, compare_only as "compareOnly", requested_by as "requestedBy",
  ${ms('requested_at')} as "requestedMs", phase, ${ms('begun_at')} as "begunMs", begun_done::float8 as "begunDone",
  ${ms('finished_at')} as "finishedMs", rows::float8 as rows, checksum, error`;

export type NewRebuild = Pick<RebuildOrder, 'id' | 'projection' | 'compareOnly' | 'requestedBy'>;

/** False when another one of this projection is not over. Said again with its own id, it stays as it is. */
export async function orderRebuild(database: Database, order: NewRebuild): Promise<boolean> {
  await database.query(
    `insert into projection_rebuilds (id, projection, compare_only, requested_by, requested_at, phase)
     values ($1, $2, $3, $4, now(), 'requested') on conflict do nothing`,
    [order.id, order.projection, order.compareOnly, order.requestedBy],
  );
  return (await database.query(`select from projection_rebuilds where id = $1`, [order.id])).length === 1;
}

/** Of each projection the one that is not over, and the last one that ended. */
export async function findRebuilds(
  database: Database,
): Promise<{ readonly open: RebuildOrder[]; readonly last: RebuildOrder[] }> {
  const found = await database.query<RebuildOrder>(
    `select ${COLUMNS} from projection_rebuilds where finished_at is null
     union all
     select * from (
       select distinct on (projection) ${COLUMNS} from projection_rebuilds where finished_at is not null
       order by projection, finished_at desc) ended`,
  );
  return {
    open: found.filter(({ finishedMs }) => finishedMs === null),
    last: found.filter(({ finishedMs }) => finishedMs !== null),
  };
}

export async function findOpenRebuild(
  database: Database,
  projection: ProjectionName,
): Promise<RebuildOrder | undefined> {
  const [order] = await database.query<RebuildOrder>(
    `select ${COLUMNS} from projection_rebuilds where projection = $1 and finished_at is null`,
    [projection],
  );
  return order;
}

/** Also one that is over. */
export async function findRebuild(database: Database, id: string): Promise<RebuildOrder | undefined> {
  const [order] = await database.query<RebuildOrder>(`select ${COLUMNS} from projection_rebuilds where id = $1`, [id]);
  return order;
}

/** The order must not be over; false when it is. */
export async function enterPhase(database: Database, id: string, phase: RebuildPhase): Promise<boolean> {
  const rows = await database.query(
    `update projection_rebuilds set phase = $2, error = null where id = $1 and finished_at is null returning id`,
    [id, phase],
  );
  return rows.length === 1;
}

export async function beginBuilding(database: Database, id: string, done: number): Promise<void> {
  await database.query(
    `update projection_rebuilds set begun_at = now(), begun_done = $2 where id = $1 and finished_at is null`,
    [id, done],
  );
}

/** What keeps it from going on. */
export async function noteTrouble(database: Database, id: string, error: string): Promise<void> {
  await database.query(`update projection_rebuilds set error = $2 where id = $1 and finished_at is null`, [id, error]);
}

export async function noteChecksum(
  database: Database,
  id: string,
  { rows, checksum }: { readonly rows: number; readonly checksum: RebuildChecksum },
): Promise<void> {
  await database.query(
    `update projection_rebuilds set rows = $2, checksum = $3 where id = $1 and finished_at is null`,
    [id, rows, JSON.stringify(checksum)],
  );
}

/** False when it was over before. */
export async function endRebuild(
  database: Database,
  id: string,
  { phase, error }: { readonly phase: Ended; readonly error?: string },
): Promise<boolean> {
  const rows = await database.query(
    `update projection_rebuilds set phase = $2, error = $3, finished_at = now()
     where id = $1 and finished_at is null returning id`,
    [id, phase, error ?? null],
  );
  return rows.length === 1;
}
