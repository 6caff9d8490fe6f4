import type { Database } from '#libs/read-models';
import type { ArchivedHistory } from './archived-history.ts';

/** Makes the partition of the month that each of the instants lies in. */
export async function ensureMonths(database: Database, instants: Iterable<string>): Promise<void> {
  const months = new Set(Array.from(instants, (instant) => instant.slice(0, 7)));
  for (const month of months) {
    const [year = 0, number = 0] = month.split('-').map(Number);
    const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
    // Names and bounds can't be parameters of a statement like this; both are made of numbers alone.
    await database.query(
      `create table if not exists archived_histories_${month.replace('-', '_')} partition of archived_histories
       for values from ('${month}-01T00:00:00Z') to ('${next}T00:00:00Z')`,
    );
  }
}

/** What is there already stays as it is: another process may have been as far. */
export async function insertHistories(database: Database, histories: readonly ArchivedHistory[]): Promise<void> {
  await database.query(
    `insert into archived_histories (execution_id, workspace_id, finished_at, events, bytes, history, objects)
     select id, workspace_id, finished_at, events, bytes, history, array(select json_array_elements_text(objects))
     from unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::int[], $6::bytea[], $7::json[])
       as one(id, workspace_id, finished_at, events, bytes, history, objects)
     on conflict do nothing`,
    [
      histories.map(({ executionId }) => executionId),
      histories.map(({ workspaceId }) => workspaceId),
      histories.map(({ finishedAt }) => finishedAt),
      histories.map(({ events }) => events),
      histories.map(({ bytes }) => bytes),
      histories.map(({ history }) => history),
      histories.map(({ objects }) => JSON.stringify(objects)),
    ],
  );
}

export async function findHistory(database: Database, executionId: string): Promise<Buffer | undefined> {
  const [row] = await database.query<{ history: Buffer }>(
    `select history from archived_histories where execution_id = $1`,
    [executionId],
  );
  return row?.history;
}

/** Those that the archive has of the executions named. */
export async function archivedAmong(database: Database, executionIds: readonly string[]): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>(
    `select execution_id as id from archived_histories where execution_id = any($1)`,
    [executionIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** All of the archive in the order of their ends, some at a time. */
export async function* allHistories(database: Database, atOnce = 200): AsyncGenerator<Buffer[]> {
  let after: { readonly finished: string; readonly id: string } = { finished: '-infinity', id: '' };
  for (;;) {
    const rows: { id: string; finished: string; history: Buffer }[] = await database.query(
      `select execution_id as id, finished_at::text as finished, history from archived_histories
       where (finished_at, execution_id) > ($1::timestamptz, $2) order by finished_at, execution_id limit $3`,
      [after.finished, after.id, atOnce],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ history }) => history);
    after = last;
  }
}
