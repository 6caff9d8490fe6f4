import { toInstant } from '#libs/kernel';
import type { DeliveryEntry } from '#libs/webhook-deliveries';
import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import { Conditions, type ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import type { DeliveryRecord } from './delivery-record.ts';
import { epochMs, storableText } from './rows.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into deliveries (id, webhook_id, workspace_id, outcome, status, reason, method, ip, calls, created_at)
  select id, webhook_id, workspace_id, outcome, status, reason, method, ip, calls, created_at
  from json_to_recordset($5::json) as (
    id text, webhook_id text, workspace_id text, outcome text, status int, reason text, method text, ip text,
    calls int, created_at timestamptz)
  where exists (select from moved)
  on conflict (id) do nothing
)
select stream from moved`;

/** Writes the entries and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyDeliveries(
  database: Database,
  entries: readonly DeliveryEntry[],
  move: CheckpointMove,
): Promise<boolean> {
  const rows = JSON.stringify(entries.map(columnsOf));
  return (await database.query(APPLY, [...checkpointMove(move), rows])).length === 1;
}

function columnsOf({ webhookId, workspaceId, at, ...entry }: DeliveryEntry): object {
  return { ...entry, webhook_id: webhookId, workspace_id: workspaceId, created_at: at };
}

/** Which of the calls that became no execution. */
export interface UnacceptedQuery {
  readonly workspaceId: string;
  readonly webhookId: string;
  readonly outcome?: 'refused' | 'answered' | undefined;
  readonly reason?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly after?: ListPlace | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listUnaccepted(database: Database, query: UnacceptedQuery): Promise<DeliveryRecord[]> {
  const conditions = new Conditions();
  conditions.add((place) => `webhook_id = ${place}`, query.webhookId);
  conditions.add((place) => `workspace_id = ${place}`, query.workspaceId);
  conditions.add((place) => `reason = ${place}`, query.reason && storableText(query.reason));
  conditions.add((place) => `created_at >= ${place}`, query.from);
  conditions.add((place) => `created_at < ${place}`, query.to);
  conditions.addAfter(query.after);
  const rows = await database.query<UnacceptedRow>(
    `select id, webhook_id, outcome, status, reason, method, ip, calls, ${epochMs('created_at')} as created_ms
     from deliveries where ${conditions.sql}${OUTCOME[query.outcome ?? 'any']}
     order by created_at desc, id desc limit ${query.limit}`,
    conditions.parameters,
  );
  return rows.map(recordOf);
}

/** Has an index in the list's order: who was answered is seldom among many refused. */
const OUTCOME = { any: '', refused: ` and outcome = 'refused'`, answered: ` and outcome = 'answered'` } as const;

interface UnacceptedRow {
  readonly id: string;
  readonly webhook_id: string;
  readonly outcome: 'refused' | 'answered';
  readonly status: number;
  readonly reason: string | null;
  readonly method: string | null;
  readonly ip: string | null;
  readonly calls: number;
  readonly created_ms: number;
}

function recordOf({ webhook_id: webhookId, created_ms: createdMs, ...rest }: UnacceptedRow): DeliveryRecord {
  return { ...rest, webhookId, createdAt: toInstant(createdMs), executionId: null, redeliveryOf: null };
}

/** Of which webhook the delivery is, when it became no execution. */
export async function findUnaccepted(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<{ readonly webhookId: string } | undefined> {
  const [row] = await database.query<{ webhook_id: string }>(
    `select webhook_id from deliveries where id = $1 and workspace_id = $2`,
    [id, workspaceId],
  );
  return row && { webhookId: row.webhook_id };
}

/** Removes entries of before that instant, the oldest first. How many. */
export async function removeDeliveriesBefore(database: Database, instant: string, limit: number): Promise<number> {
  const rows = await database.query(
    `delete from deliveries where id in (
       select id from deliveries where created_at < $1 order by created_at limit $2 for update skip locked
     ) returning id`,
    [instant, limit],
  );
  return rows.length;
}
