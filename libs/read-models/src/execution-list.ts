import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { searchExecutions } from './execution-search.ts';
import { isTermSearch, termsAskedFor } from './execution-terms.ts';
import { NEWEST_FIRST, newestOf, type LineQuery } from './execution-line.ts';

/** A page of a workspace's executions, newest first. */
export interface ExecutionQuery extends LineQuery {
  readonly triggerType?: string;
  /** The node took part: it was not skipped. */
  readonly nodeId?: string;
  /** All words of it occur in input, output or error; see `search-words.ts`. */
  readonly q?: string;
  readonly limit: number;
}

export async function listExecutions(database: Database, query: ExecutionQuery): Promise<ExecutionRecord[]> {
  if (isTermSearch(query)) {
    const termsOn = termsAskedFor(query);
    return termsOn ? searchExecutions(database, { ...query, termsOn }) : [];
  }
  const conditions = new Conditions();
  const newest = newestOf(query, conditions, { columns: 'record', limit: query.limit });
  const rows = await database.query<{ record: ExecutionRecord }>(
    `select record from ${newest} as newest order by ${NEWEST_FIRST}`,
    conditions.parameters,
  );
  return rows.map((row) => row.record);
}
