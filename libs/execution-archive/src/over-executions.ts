import { toInstant } from '#libs/kernel';
import { epochMs, type Database } from '#libs/read-models';

/** An execution that is over, as the read model has it. */
export interface OverExecution {
  readonly id: string;
  readonly workspaceId: string;
  readonly finishedAt: string;
  /** Of its last event. */
  readonly version: number;
  readonly archived: boolean;
}

type Row = Omit<OverExecution, 'finishedAt'> & { readonly finishedAtMs: number };

const COLUMNS = `id, workspace_id as "workspaceId", ${epochMs('finished_at')} as "finishedAtMs", version, archived`;
const OVER = ['succeeded', 'failed', 'cancelled', 'timedOut'];

function overOf({ finishedAtMs, ...row }: Row): OverExecution {
  return { ...row, finishedAt: toInstant(finishedAtMs) };
}

/** In the order in which executions ended. */
export type ArchivePlace = Pick<OverExecution, 'id' | 'finishedAt'>;
export const BEFORE_ALL: ArchivePlace = { id: '', finishedAt: '-infinity' };

export async function executionsToArchive(
  database: Database,
  { endedBefore, after, limit }: { readonly endedBefore: string; readonly after: ArchivePlace; readonly limit: number },
): Promise<OverExecution[]> {
  const rows = await database.query<Row>(
    `select ${COLUMNS} from executions
     where finished_at is not null and not archived and finished_at < $1 and (finished_at, id) > ($2, $3)
     order by finished_at, id limit $4`,
    [endedBefore, after.finishedAt, after.id, limit],
  );
  return rows.map(overOf);
}

export async function markArchived(database: Database, ids: readonly string[]): Promise<void> {
  await database.query(`update executions set archived = true where id = any($1)`, [ids]);
}

export async function findOver(database: Database, id: string): Promise<OverExecution | undefined> {
  const [row] = await database.query<Row>(
    `select ${COLUMNS} from executions where id = $1 and finished_at is not null`,
    [id],
  );
  return row && overOf(row);
}

/**
 * Executions that their workspace keeps no longer; `defaultDays` counts where a workspace says nothing. Found by when they
 * began, which an index has in order, and which is before they ended.
 */
export async function expiredExecutions(
  database: Database,
  { now, defaultDays, limit }: { readonly now: string; readonly defaultDays: number | null; readonly limit: number },
): Promise<OverExecution[]> {
  const rows = await database.query<Row>(
    `select expired.* from (
       select id, $1::timestamptz - make_interval(days => coalesce(retention_days, $2)) as before from workspaces
       where coalesce(retention_days, $2) is not null
     ) as workspace cross join unnest($3::text[]) as of_status(status) cross join lateral (
       select ${COLUMNS} from executions
       where workspace_id = workspace.id and status = of_status.status
         and created_at < workspace.before and finished_at < workspace.before
       order by created_at, id limit $4
     ) as expired limit $4`,
    [now, defaultDays, OVER, limit],
  );
  return rows.map(overOf);
}

/** All that Postgres has of the executions. */
export async function removeExecutions(database: Database, ids: readonly string[]): Promise<void> {
  await database.query(
    `with gone as (delete from archived_histories where execution_id = any($1)), erased as (delete from erasures where execution_id = any($1))
     delete from executions where id = any($1)`,
    [ids],
  );
}
