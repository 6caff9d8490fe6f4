import type { ExecutionStatus } from '#libs/execution-engine';
import type { Conditions, ListPlace } from './conditions.ts';

/** What an index in the order of lists gives. */
export interface LineQuery {
  readonly workspaceId: string;
  readonly workflowId?: string;
  readonly status?: ExecutionStatus;
  /** Created at or after. */
  readonly from?: string;
  /** Created before. */
  readonly to?: string;
  /** Only those after this one in the list's order. */
  readonly after?: ListPlace;
}

/** All that there are: a query without a status takes in each of them. */
export const EXECUTION_STATUSES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'timedOut',
] as const satisfies readonly ExecutionStatus[];

export function statusesOf({ status }: LineQuery): readonly ExecutionStatus[] {
  return status === undefined ? EXECUTION_STATUSES : [status];
}

/** What a query asks of a row besides its status. */
export function addLineConditions(conditions: Conditions, query: LineQuery): void {
  conditions.add((place) => `workspace_id = ${place}`, query.workspaceId);
  conditions.add((place) => `workflow_id = ${place}`, query.workflowId);
  conditions.add((place) => `created_at >= ${place}`, query.from);
  conditions.add((place) => `created_at < ${place}`, query.to);
  conditions.addAfter(query.after);
}

/** The order of lists. */
export const NEWEST_FIRST = 'created_at desc, id desc';

/**
 * The newest rows of a query: those of each status, in which an index has them in order, merged. Postgres reads no more
 * of them than are asked for; it would collect them all without the order and the limit that each has for itself.
 */
export function newestOf(
  query: LineQuery,
  conditions: Conditions,
  { columns, limit }: { readonly columns: string; readonly limit: number },
): string {
  addLineConditions(conditions, query);
  const common = conditions.sql;
  const end = `order by ${NEWEST_FIRST} limit ${limit}`;
  const branches = statusesOf(query).map(
    (status) =>
      `(select created_at, id, ${columns} from executions where ${common} and status = ${conditions.place(status)} ${end})`,
  );
  const [only] = branches;
  return branches.length === 1 && only ? only : `(${branches.join(' union all ')} ${end})`;
}
