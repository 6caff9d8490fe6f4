import { createHash } from 'node:crypto';
import { InvariantError } from '#libs/kernel';
import type { Database } from './database.ts';

/** How far a stream was applied, and which stream it was: one made anew under the old name has another birth. */
export interface Checkpoint {
  readonly stream: string;
  /** When the stream was created, as NATS tells it. */
  readonly createdAt: string;
  /** Of the last message applied; 0 for none. */
  readonly sequence: number;
  /** Of the same message: tells whether the log still holds what was applied. Empty for none. */
  readonly digest: string;
  /** Of the rows: another one since a rebuild took over, so nothing that was known of the rows before may be used. */
  readonly generation: number;
}

/** From one checkpoint to the last message of a batch. */
export interface CheckpointMove {
  readonly from: Checkpoint;
  readonly to: Pick<Checkpoint, 'sequence' | 'digest'>;
}

/** SHA-256 of a message, base64url. */
export function digestOf(message: Uint8Array): string {
  return createHash('sha256').update(message).digest('base64url');
}

/** The stream's checkpoint, made when it is the first time. */
export async function openCheckpoint(database: Database, stream: string, createdAt: string): Promise<Checkpoint> {
  await database.query(
    `insert into projection_checkpoints (stream, stream_created_at, sequence, digest) values ($1, $2, 0, '')
     on conflict do nothing`,
    [stream, createdAt],
  );
  const [checkpoint] = await findCheckpoints(database, [stream]);
  if (!checkpoint) throw new InvariantError(`the checkpoint of ${stream} is gone as soon as it was made`);
  return checkpoint;
}

interface CheckpointRow {
  readonly stream: string;
  readonly stream_created_at: string;
  readonly sequence: string;
  readonly digest: string;
  readonly generation: string;
}

/** Those that there are, of one moment. */
export async function findCheckpoints(database: Database, streams: readonly string[]): Promise<Checkpoint[]> {
  const rows = await database.query<CheckpointRow>(
    `select stream, stream_created_at, sequence, digest, generation from projection_checkpoints where stream = any($1)`,
    [streams],
  );
  return rows.map((row) => ({
    stream: row.stream,
    createdAt: row.stream_created_at,
    sequence: Number(row.sequence),
    digest: row.digest,
    generation: Number(row.generation),
  }));
}

/** Moves a checkpoint over messages that its stream holds no more. */
export async function skipTo(database: Database, { from, to }: CheckpointMove): Promise<void> {
  await database.query(
    `update projection_checkpoints set sequence = $1, digest = $2, updated_at = now() where stream = $3 and sequence = $4`,
    [to.sequence, to.digest, from.stream, from.sequence],
  );
}

/**
 * The head of a statement that applies a batch: it moves the checkpoint if nobody else did. Rows follow in the same
 * statement under `where exists (select from moved)`, so rows and checkpoint change together, in one round trip, or not
 * at all. The commit needs no flush of its own: after a crash the batch is read from the log again.
 */
export const MOVE_CHECKPOINT = `
  relaxed as materialized (select set_config('synchronous_commit', 'off', true)),
  moved as (
    update projection_checkpoints set sequence = $1, digest = $2, updated_at = now()
    where stream = $3 and array[sequence, generation] = $4::bigint[] and exists (select from relaxed) returning stream
  )`;

/** Parameters 1 to 4 of such a statement. */
export function checkpointMove({ from, to }: CheckpointMove): readonly unknown[] {
  return [to.sequence, to.digest, from.stream, [from.sequence, from.generation]];
}

/** How far the read models of a stream are; 0 when nothing of it was applied. */
export async function appliedSequence(database: Database, stream: string): Promise<number> {
  const [row] = await database.query<{ sequence: string }>(
    `select sequence from projection_checkpoints where stream = $1`,
    [stream],
  );
  return Number(row?.sequence ?? 0);
}
