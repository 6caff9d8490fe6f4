import { toInstant } from '#libs/kernel';
import { addressKeyOf } from '#libs/mail-addresses';
import type { Suppression, SuppressionReason } from '#libs/suppressions';
import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import { Conditions, type ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import { epochMs, storableText } from './rows.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
gone as (
  delete from suppressions where id = any($6) and exists (select from moved)
),
written as (
  insert into suppressions (
    id, workspace_id, address, address_key, topic, reason, detail, execution_id, created_at, expires_at)
  select id, workspace_id, address, address_key, topic, reason, detail, execution_id, created_at, expires_at
  from json_to_recordset($5::json) as (
    id text, workspace_id text, address text, address_key text, topic text, reason text, detail text,
    execution_id text, created_at timestamptz, expires_at timestamptz)
  where exists (select from moved)
  on conflict (id) do update set address = excluded.address, reason = excluded.reason, detail = excluded.detail,
    execution_id = excluded.execution_id, created_at = excluded.created_at, expires_at = excluded.expires_at
)
select stream from moved`;

/** What is on the list now, by id; undefined for what is not any more. */
export type SuppressionChanges = ReadonlyMap<string, Suppression | undefined>;

/** Writes the changes and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applySuppressions(
  database: Database,
  changes: SuppressionChanges,
  move: CheckpointMove,
): Promise<boolean> {
  const rows = [...changes.values()].flatMap((suppression) => (suppression ? [columnsOf(suppression)] : []));
  const gone = [...changes].flatMap(([id, suppression]) => (suppression ? [] : [id]));
  return (await database.query(APPLY, [...checkpointMove(move), JSON.stringify(rows), gone])).length === 1;
}

function columnsOf(suppression: Suppression): object {
  const { id, address, topic, reason, detail } = suppression;
  return {
    ...{ id, reason, topic: storable(topic), detail: storable(detail) },
    address: storableText(address),
    address_key: storableText(addressKeyOf(address)),
    workspace_id: suppression.workspaceId,
    execution_id: storable(suppression.executionId),
    created_at: suppression.at,
    expires_at: suppression.expiresAt,
  };
}

function storable(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

/** A page of a workspace's list, newest first, without what has expired. */
export interface SuppressionQuery {
  readonly workspaceId: string;
  /** In any case. */
  readonly address?: string | undefined;
  readonly reason?: SuppressionReason | undefined;
  readonly topic?: string | undefined;
  /** What has expired by then is not there. */
  readonly nowMs: number;
  /** Only those after this one in the list's order. */
  readonly after?: ListPlace | undefined;
  readonly limit: number;
}

export async function listSuppressions(database: Database, query: SuppressionQuery): Promise<Suppression[]> {
  const { workspaceId, address, reason, topic, nowMs, after, limit } = query;
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, workspaceId);
  conditions.add((place) => `address_key = ${place}`, address && storableText(addressKeyOf(address)));
  conditions.add((place) => `reason = ${place}`, reason);
  conditions.add((place) => `topic = ${place}`, topic && storableText(topic));
  conditions.add(holdsAt, toInstant(nowMs));
  conditions.addAfter(after);
  return read(
    database,
    `where ${conditions.sql} order by created_at desc, id desc limit ${limit}`,
    conditions.parameters,
  );
}

/** Undefined also for one that has expired. */
export async function findSuppression(
  database: Database,
  { workspaceId, id, nowMs }: { readonly workspaceId: string; readonly id: string; readonly nowMs: number },
): Promise<Suppression | undefined> {
  const where = `where id = $1 and workspace_id = $2 and ${holdsAt('$3')}`;
  const [found] = await read(database, where, [id, workspaceId, toInstant(nowMs)]);
  return found;
}

function holdsAt(place: string): string {
  return `(expires_at is null or expires_at > ${place})`;
}

interface SuppressionRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly address: string;
  readonly topic: string | null;
  readonly reason: SuppressionReason;
  readonly detail: string | null;
  readonly execution_id: string | null;
  readonly created_ms: number;
  readonly expires_ms: number | null;
}

async function read(database: Database, where: string, parameters: readonly unknown[]): Promise<Suppression[]> {
  const rows = await database.query<SuppressionRow>(
    `select id, workspace_id, address, topic, reason, detail, execution_id, ${epochMs('created_at')} as created_ms,
       ${epochMs('expires_at')} as expires_ms
     from suppressions ${where}`,
    parameters,
  );
  return rows.map(suppressionOf);
}

function suppressionOf(row: SuppressionRow): Suppression {
  const { id, address, topic, reason, detail, expires_ms: expiresMs } = row;
  return {
    ...{ id, address, topic, reason, detail },
    workspaceId: row.workspace_id,
    executionId: row.execution_id,
    at: toInstant(row.created_ms),
    expiresAt: expiresMs === null ? null : toInstant(expiresMs),
  };
}
