import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { ProjectionName } from './projections.ts';
import { storableText } from './rows.ts';

/** A message that a projection could not take, set aside so that it holds up nobody else. */
export interface ParkedEvent {
  readonly projection: ProjectionName;
  readonly stream: string;
  readonly sequence: number;
  /** Whose rows stay as they were before it. */
  readonly aggregateId: string | null;
  readonly reason: string;
}

const MAX_REASON = 2_000;

const PARK = `
with ${MOVE_CHECKPOINT},
written as (
  insert into parked_events (projection, stream, sequence, aggregate_id, reason)
  select $5, $3, $1, $6, $7 where exists (select from moved)
  on conflict (projection, stream, sequence) do update set reason = excluded.reason, parked_at = excluded.parked_at
)
select stream from moved`;

/** Moves the checkpoint past the message and notes it, in one statement. False when somebody else had moved it. */
export async function parkEvent(database: Database, event: ParkedEvent, move: CheckpointMove): Promise<boolean> {
  const reason = storableText(event.reason.slice(0, MAX_REASON));
  const parameters = [...checkpointMove(move), event.projection, event.aggregateId, reason];
  return (await database.query(PARK, parameters)).length === 1;
}

/**
 * Whose later messages must be parked too. What was parked beyond the checkpoint was so before the rows were begun anew,
 * and is tried again.
 */
export async function parkedAggregates(
  database: Database,
  projection: ProjectionName,
  stream: string,
): Promise<Set<string>> {
  await database.query(
    `delete from parked_events p using projection_checkpoints c
     where p.projection = $1 and p.stream = $2 and c.stream = p.stream and p.sequence > c.sequence`,
    [projection, stream],
  );
  const rows = await database.query<{ id: string }>(
    `select distinct aggregate_id as id from parked_events
     where projection = $1 and stream = $2 and aggregate_id is not null`,
    [projection, stream],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function countParked(database: Database): Promise<Map<string, number>> {
  const rows = await database.query<{ projection: string; count: string }>(
    `select projection, count(*) from parked_events group by projection`,
  );
  return new Map(rows.map(({ projection, count }) => [projection, Number(count)]));
}

export interface FoundParkedEvent extends ParkedEvent {
  readonly parkedMs: number;
}

/** By stream and sequence, after that one. */
export async function listParked(
  database: Database,
  projection: ProjectionName,
  page: { readonly after?: { readonly stream: string; readonly sequence: number } | undefined; readonly limit: number },
): Promise<FoundParkedEvent[]> {
  const rows = await database.query<Omit<FoundParkedEvent, 'sequence'> & { readonly sequence: string }>(
    `select projection, stream, sequence, aggregate_id as "aggregateId", reason,
            (extract(epoch from parked_at) * 1000)::float8 as "parkedMs"
     from parked_events where projection = $1 and (stream, sequence) > ($2, $3::bigint)
     order by stream, sequence limit $4`,
    [projection, page.after?.stream ?? '', page.after?.sequence ?? 0, page.limit],
  );
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}
