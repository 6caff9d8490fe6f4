import type { Database } from './database.ts';
import { PROJECTION_TABLES, type ProjectionName } from './projections.ts';
import { endRebuild } from './rebuild-orders.ts';
import { rebuildSchema, tablesOf } from './rebuild-tables.ts';

export interface Swap {
  readonly projection: ProjectionName;
  readonly orderId: string;
  readonly home: string;
  /** When the stream's first message was stored; undefined while nothing of it has gone. */
  readonly trimmedAtMs: number | undefined;
}

const READERS_WITHIN_MS = 200;

/**
 * Puts the rebuilt tables, checkpoints and parked events in the place of the live ones, within the caller's transaction,
 * which holds the live tables. The checkpoints get another generation: a batch that was made with what was known of the
 * old rows is not written, and its projector begins again. False when the order was cancelled meanwhile.
 */
export async function swapTables(within: Database, { projection, orderId, home, trimmedAtMs }: Swap): Promise<boolean> {
  const schema = rebuildSchema(projection);
  if (!(await endRebuild(within, orderId, { phase: 'done' }))) return false;
  for (const { name, key, ageColumn } of PROJECTION_TABLES[projection]) {
    // What the log has forgotten by its age can't be made of it again; of some there is a part, which knows less.
    if (ageColumn !== undefined && trimmedAtMs !== undefined) {
      const old = `${ageColumn} < to_timestamp(${trimmedAtMs / 1000})`;
      await within.query(
        `delete from ${schema}.${name} where ${key} in (select ${key} from ${home}.${name} where ${old})`,
      );
      await within.query(`insert into ${schema}.${name} select * from ${home}.${name} where ${old}`);
    }
  }
  // Readers that are at a table are waited for; all who come after them wait for us, so give up soon and try again.
  await within.query(`set local lock_timeout = ${READERS_WITHIN_MS}`);
  await within.query(
    `drop table ${tablesOf(projection)
      .map((table) => `${home}.${table}`)
      .join(', ')}`,
  );
  for (const table of tablesOf(projection)) await within.query(`alter table ${schema}.${table} set schema ${home}`);
  await within.query(
    `insert into ${home}.projection_checkpoints as live (stream, stream_created_at, sequence, digest, generation)
     select stream, stream_created_at, sequence, digest, 1 from ${schema}.projection_checkpoints
     on conflict (stream) do update set stream_created_at = excluded.stream_created_at, sequence = excluded.sequence,
       digest = excluded.digest, generation = live.generation + 1, updated_at = now()`,
  );
  await within.query(`delete from ${home}.parked_events where projection = $1`, [projection]);
  await within.query(`insert into ${home}.parked_events select * from ${schema}.parked_events`);
  await within.query(`drop schema ${schema} cascade`);
  return true;
}
