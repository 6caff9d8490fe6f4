import type { ExecutionStatus, Origin } from '#libs/execution-engine';
import type { Database } from './database.ts';
import { epochMs } from './rows.ts';

/** An execution as one of a family. */
export interface RelatedExecution {
  readonly id: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly status: ExecutionStatus;
  readonly createdAtMs: number;
  readonly origin: Origin | null;
}

/** However far apart. Deeper families are cut. */
const MAX_DEPTH = 1_000;

const COLUMNS = `e.id, e.workflow_id as "workflowId", e.workflow_version as "workflowVersion", e.status,
  ${epochMs('e.created_at')} as "createdAtMs", e.record->'origin' as origin`;

/** The execution `id`, the one that it comes from, and so on to the first. */
export function findWithAncestors(database: Database, workspaceId: string, id: string): Promise<RelatedExecution[]> {
  return database.query(
    `with recursive line (id, depth) as (
       select $2::text, 0
       union all
       select e.origin_id, line.depth + 1 from line join executions e on e.id = line.id
       where e.workspace_id = $1 and e.origin_id is not null and line.depth < ${MAX_DEPTH}
     )
     select ${COLUMNS} from line join executions e on e.id = line.id where e.workspace_id = $1 order by line.depth`,
    [workspaceId, id],
  );
}

/** All that came of an execution, the nearest first, up to `limit` of them. */
export function findDescendants(
  database: Database,
  workspaceId: string,
  { id, limit }: { readonly id: string; readonly limit: number },
): Promise<RelatedExecution[]> {
  // The limit within the recursion's reader ends the recursion too, so a large family is not collected first.
  return database.query(
    `with recursive line (id, depth) as (
       select id, 1 from executions where origin_id = $2 and workspace_id = $1
       union all
       select e.id, line.depth + 1 from line join executions e on e.origin_id = line.id
       where e.workspace_id = $1 and line.depth < ${MAX_DEPTH}
     ), first as (select id, depth from line limit $3)
     select ${COLUMNS} from first join executions e on e.id = first.id order by first.depth, e.created_at, e.id`,
    [workspaceId, id, limit],
  );
}
