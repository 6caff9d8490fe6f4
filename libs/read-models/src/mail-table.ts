import { toInstant } from '#libs/kernel';
import { addressKeyOf, domainOf } from '#libs/mail-addresses';
import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { MailRecord, MailStatus } from './mail-record.ts';
import { epochMs, storableText } from './rows.ts';

/** Of the table, with their types; in the order of the statement. Those of `FIXED` stay as the first entry has them. */
const FIXED = {
  mail_key: 'text',
  workspace_id: 'text',
  execution_id: 'text',
  node_id: 'text',
  credential_id: 'text',
  address: 'text',
  address_key: 'text',
  domain: 'text',
  topic: 'text',
  created_at: 'timestamptz',
} as const;
const CHANGING = {
  status: 'text',
  attempts: 'int',
  reason: 'text',
  reply_code: 'int',
  enhanced_status: 'text',
  text: 'text',
  bounced_at: 'timestamptz',
  bounce_kind: 'text',
  bounce_reply_code: 'int',
  bounce_enhanced_status: 'text',
  bounce_text: 'text',
  complained_at: 'timestamptz',
  unsubscribed_at: 'timestamptz',
  updated_at: 'timestamptz',
} as const;

type Columns = Readonly<Record<keyof typeof FIXED | keyof typeof CHANGING, string | number | null>>;

const NAMES = Object.keys({ ...FIXED, ...CHANGING }).join(', ');
const TYPED = Object.entries({ ...FIXED, ...CHANGING }).map(([name, type]) => `${name} ${type}`);
const UPDATES = Object.keys(CHANGING).map((name) => `${name} = excluded.${name}`);

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into mails (${NAMES})
  select ${NAMES} from json_to_recordset($5::json) as (${TYPED.join(', ')})
  where exists (select from moved)
  on conflict (mail_key) do update set ${UPDATES.join(', ')}
)
select stream from moved`;

/** Writes the records and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyMails(
  database: Database,
  records: readonly MailRecord[],
  move: CheckpointMove,
): Promise<boolean> {
  const rows = JSON.stringify(records.map((record) => storable(columnsOf(record))));
  return (await database.query(APPLY, [...checkpointMove(move), rows])).length === 1;
}

function columnsOf(record: MailRecord): Columns {
  const { address, bounce } = record;
  return {
    mail_key: record.mailKey,
    workspace_id: record.workspaceId,
    execution_id: record.executionId,
    node_id: record.nodeId,
    credential_id: record.credentialId,
    address,
    address_key: addressKeyOf(address),
    domain: domainOf(address),
    topic: record.topic,
    created_at: record.createdAt,
    status: record.status,
    attempts: record.attempts,
    reason: record.reason,
    reply_code: record.replyCode,
    enhanced_status: record.enhancedStatus,
    text: record.text,
    ...bounceColumns(bounce),
    complained_at: record.complainedAt,
    unsubscribed_at: record.unsubscribedAt,
    updated_at: record.updatedAt,
  };
}

type BounceColumn = Extract<keyof Columns, `bounce${string}`>;

function bounceColumns(bounce: MailRecord['bounce']): Pick<Columns, BounceColumn> {
  const nothing = { at: null, kind: null, replyCode: null, enhancedStatus: null, text: null };
  const { at, kind, replyCode, enhancedStatus, text } = bounce ?? nothing;
  return {
    bounced_at: at,
    bounce_kind: kind,
    bounce_reply_code: replyCode,
    bounce_enhanced_status: enhancedStatus,
    bounce_text: text,
  };
}

/** Servers say what they like. */
function storable(columns: Columns): Readonly<Record<string, string | number | null>> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, typeof value === 'string' ? storableText(value) : value]),
  );
}

/** What `mailRecordOf` reads. */
export const MAIL_COLUMNS = `
  mail_key, workspace_id, execution_id, node_id, credential_id, address, topic, status, attempts, reason, reply_code,
  enhanced_status, text, bounce_kind, bounce_reply_code, bounce_enhanced_status, bounce_text,
  ${epochMs('bounced_at')} as bounced_ms, ${epochMs('complained_at')} as complained_ms,
  ${epochMs('unsubscribed_at')} as unsubscribed_ms, ${epochMs('created_at')} as created_ms,
  ${epochMs('updated_at')} as updated_ms`;

export interface MailRow {
  readonly mail_key: string;
  readonly workspace_id: string;
  readonly execution_id: string;
  readonly node_id: string;
  readonly credential_id: string;
  readonly address: string;
  readonly topic: string | null;
  readonly status: MailStatus;
  readonly attempts: number;
  readonly reason: string | null;
  readonly reply_code: number | null;
  readonly enhanced_status: string | null;
  readonly text: string | null;
  readonly bounce_kind: string | null;
  readonly bounce_reply_code: number | null;
  readonly bounce_enhanced_status: string | null;
  readonly bounce_text: string | null;
  readonly bounced_ms: number | null;
  readonly complained_ms: number | null;
  readonly unsubscribed_ms: number | null;
  readonly created_ms: number;
  readonly updated_ms: number;
}

export function mailRecordOf(row: MailRow): MailRecord {
  return {
    mailKey: row.mail_key,
    workspaceId: row.workspace_id,
    executionId: row.execution_id,
    nodeId: row.node_id,
    credentialId: row.credential_id,
    address: row.address,
    topic: row.topic,
    status: row.status,
    attempts: row.attempts,
    reason: row.reason,
    replyCode: row.reply_code,
    enhancedStatus: row.enhanced_status,
    text: row.text,
    bounce: bounceOf(row),
    complainedAt: instantOf(row.complained_ms),
    unsubscribedAt: instantOf(row.unsubscribed_ms),
    createdAt: toInstant(row.created_ms),
    updatedAt: toInstant(row.updated_ms),
  };
}

function bounceOf(row: MailRow): MailRecord['bounce'] {
  const at = instantOf(row.bounced_ms);
  if (at === null) return null;
  const { bounce_kind: kind, bounce_reply_code: replyCode, bounce_text: text } = row;
  return { at, kind, replyCode, enhancedStatus: row.bounce_enhanced_status, text };
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : toInstant(ms);
}

/** Of any workspace. */
export async function findMails(database: Database, mailKeys: readonly string[]): Promise<MailRecord[]> {
  const rows = await database.query<MailRow>(`select ${MAIL_COLUMNS} from mails where mail_key = any($1)`, [mailKeys]);
  return rows.map(mailRecordOf);
}

/** Removes mails that nothing was told of since that instant, the oldest first. How many. */
export async function removeMailsBefore(database: Database, instant: string, limit: number): Promise<number> {
  const rows = await database.query(
    `delete from mails where mail_key in (
       select mail_key from mails where updated_at < $1 order by updated_at limit $2 for update skip locked
     ) returning mail_key`,
    [instant, limit],
  );
  return rows.length;
}
