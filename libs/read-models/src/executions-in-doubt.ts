import type { ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';

/** Executions with an attempt in doubt, newest first; those after the place, when one is given. */
export async function executionsInDoubt(
  database: Database,
  asked: { readonly workspaceId: string; readonly limit: number; readonly after?: ListPlace },
): Promise<ExecutionRecord[]> {
  const { workspaceId, limit, after } = asked;
  const rows = await database.query<{ record: ExecutionRecord }>(
    `select record from executions
     where workspace_id = $1 and in_doubt and ($2::timestamptz is null or (created_at, id) < ($2, $3))
     order by created_at desc, id desc limit $4`,
    [workspaceId, after?.createdAt ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ record }) => record);
}

/** Whether a person has to say what came of an attempt. */
export function isInDoubt({ finishedAt, nodes }: ExecutionRecord): boolean {
  return finishedAt === undefined && Object.values(nodes).some(({ waits }) => waits?.on.kind === 'person');
}
