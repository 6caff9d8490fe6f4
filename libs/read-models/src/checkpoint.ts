import type { Database } from './database.ts';

/** How far a stream was applied, and which stream it was: one made anew under the old name has another birth. */
export interface Checkpoint {
  readonly stream: string;
  /** When the stream was created, as NATS tells it. */
  readonly createdAt: string;
  /** Of the last message applied; 0 for none. */
  readonly sequence: number;
}

/** The stream's checkpoint, made when it is the first time. */
export async function openCheckpoint(database: Database, stream: string, createdAt: string): Promise<Checkpoint> {
  await database.query(
    `insert into projection_checkpoints (stream, stream_created_at, sequence) values ($1, $2, 0) on conflict do nothing`,
    [stream, createdAt],
  );
  const [row] = await database.query<{ stream_created_at: string; sequence: string }>(
    `select stream_created_at, sequence from projection_checkpoints where stream = $1`,
    [stream],
  );
  return { stream, createdAt: row?.stream_created_at ?? createdAt, sequence: Number(row?.sequence ?? 0) };
}

/**
 * The head of a statement that applies a batch: it moves the checkpoint if nobody else did. Rows follow in the same
 * statement under `where exists (select from moved)`, so rows and checkpoint change together, in one round trip, or not
 * at all. The commit needs no flush of its own: after a crash the batch is read from the log again.
 */
export const MOVE_CHECKPOINT = `
  relaxed as materialized (select set_config('synchronous_commit', 'off', true)),
  moved as (
    update projection_checkpoints set sequence = $1, updated_at = now()
    where stream = $2 and sequence = $3 and exists (select from relaxed) returning stream
  )`;

/** Parameters 1 to 3 of such a statement. */
export function checkpointMove(from: Checkpoint, sequence: number): readonly unknown[] {
  return [sequence, from.stream, from.sequence];
}
