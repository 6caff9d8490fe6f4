import type { ExecutionStatus } from '#libs/execution-engine';
import type { Database } from './database.ts';
import { EXECUTION_STATUSES } from './execution-line.ts';
import { listExecutions, type ExecutionQuery } from './execution-list.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { epochMs } from './rows.ts';
import type { FoundWebhook } from './webhook-table.ts';

export interface ExecutionSearch extends Omit<ExecutionQuery, 'limit' | 'after' | 'status'> {
  readonly statuses: readonly ExecutionStatus[];
}

/** That are read at a time: a record may be large. */
const PAGE = 200;

/** Of the newest `limit` executions that match: the oldest first. */
export async function findExecutionIds(
  database: Database,
  { statuses, ...search }: ExecutionSearch,
  limit: number,
): Promise<string[]> {
  const found: Pick<ExecutionRecord, 'id' | 'createdAt'>[] = [];
  for (const status of statuses) {
    for await (const one of newest(database, { ...search, status }, limit)) found.push(one);
  }
  return found
    .sort((one, other) => compare(other.createdAt, one.createdAt) || compare(other.id, one.id))
    .slice(0, limit)
    .map(({ id }) => id)
    .reverse();
}

async function* newest(
  database: Database,
  query: Omit<ExecutionQuery, 'limit' | 'after'>,
  limit: number,
): AsyncGenerator<Pick<ExecutionRecord, 'id' | 'createdAt'>> {
  let after: { readonly createdAt: string; readonly id: string } | undefined;
  for (let left = limit; left > 0; left -= PAGE) {
    const page = await listExecutions(database, { ...query, ...(after ? { after } : {}), limit: Math.min(PAGE, left) });
    for (const { id, createdAt } of page) yield (after = { id, createdAt });
    if (page.length < PAGE) return;
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

export interface CallSpan {
  /** Types of triggers that are called. */
  readonly calledTypes: readonly string[];
  /** At or after. */
  readonly from: string;
  /** Before. */
  readonly to: string;
  readonly limit: number;
}

/**
 * Executions that a call of the webhook started, calls that were sent again left out; the oldest first. Each status is a
 * part of the index, which has it in this order.
 */
export function findCalls(
  database: Database,
  { workspaceId, workflowId, nodeId }: FoundWebhook,
  { calledTypes, from, to, limit }: CallSpan,
): Promise<{ readonly id: string; readonly createdAtMs: number }[]> {
  return database.query(
    `select found.id, ${epochMs('found.created_at')} as "createdAtMs"
     from unnest($1::text[]) as of_status(status) cross join lateral (
       select id, created_at from executions
       where workflow_id = $2 and status = of_status.status and workspace_id = $3
         and trigger_type = any($8) and origin_id is null and record->'trigger'->>'nodeId' = $4
         and created_at >= $5 and created_at < $6
       order by created_at, id limit $7
     ) as found
     order by found.created_at, found.id limit $7`,
    [EXECUTION_STATUSES, workflowId, workspaceId, nodeId, from, to, limit, calledTypes],
  );
}
