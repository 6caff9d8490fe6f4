import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';

/** What is to be said of a history that is over. */
export interface EndedHistory {
  readonly workspaceId: string;
  readonly executionId: string;
  readonly events: number;
  readonly digest: string;
}

/** Part of the statement that applies a batch of executions: what ended in it waits here for the audit, and can't be missed. `place`: of its parameter. */
export const KEEP_UNANCHORED = (place: number): string => `
kept as (
  insert into unanchored_histories (histories)
  select $${place}::json where $${place}::json is not null and exists (select from moved)
)`;

/** That parameter. */
export function unanchoredParameter(ended: readonly EndedHistory[]): string | null {
  return ended.length === 0 ? null : JSON.stringify(ended);
}

/** Of those records that are over now and were not before. */
export function endedHistories(
  records: Iterable<ExecutionRecord>,
  beforeOf: (id: string) => ExecutionRecord | undefined,
): EndedHistory[] {
  return Array.from(records).flatMap(({ id, workspaceId, finishedAt, version, digest }) => {
    if (finishedAt === undefined || digest === undefined || beforeOf(id)?.finishedAt !== undefined) return [];
    return [{ workspaceId, executionId: id, events: version, digest }];
  });
}

/** Those of one batch. */
export interface UnanchoredBatch {
  readonly id: string;
  readonly histories: readonly EndedHistory[];
}

/** The oldest first. */
export function readUnanchored(database: Database, limit: number): Promise<UnanchoredBatch[]> {
  return database.query(`select id, histories from unanchored_histories order by id limit ${limit}`);
}

/** Once they are in the audit. */
export async function forgetUnanchored(database: Database, ids: readonly string[]): Promise<void> {
  await database.query(`delete from unanchored_histories where id = any($1)`, [ids]);
}
