import type { AuditEntry } from '#libs/audit-log';
import { epochMsOf, toInstant } from '#libs/kernel';
import type { PerfectSubtree } from '#libs/merkle-tree';
import { findSubtrees } from './audit-table.ts';
import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { storableText } from './rows.ts';

type Ended = Extract<AuditEntry, { kind: 'ended' }>;

/** What somebody did: its entry, and the one that says how it ended, if there is one. */
export interface AuditItem {
  readonly entry: Exclude<AuditEntry, Ended>;
  readonly end: Ended | null;
}

/** A page of a workspace's items, newest first. */
export interface AuditQuery {
  readonly workspaceId: string;
  /** Id of a user or key. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Id or name, as the beginning or the end has it. */
  readonly target?: string | undefined;
  /** At or after. */
  readonly from?: string | undefined;
  /** Before. */
  readonly to?: string | undefined;
  /** Only those with a smaller index. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Anchored histories are many, and nobody's doing: they are there for who asks for them. */
const LISTED = `item.kind in ('begun', 'read', 'noted')`;

export async function listAuditItems(database: Database, query: AuditQuery): Promise<AuditItem[]> {
  const { workspaceId, actor, action, target, from, to, before, limit } = query;
  const conditions = new Conditions();
  const workspace = conditions.place(workspaceId);
  conditions.add((place) => `item.actor_id = ${place}`, actor && storableText(actor));
  conditions.add((place) => `item.action = ${place}`, action && storableText(action));
  conditions.add(
    (place) => `item.index in (
      select coalesce(of_index, index) from audit_entries where workspace_id = ${workspace} and target = ${place})`,
    target && storableText(target),
  );
  conditions.add((place) => `item.at >= ${place}`, from);
  conditions.add((place) => `item.at < ${place}`, to);
  conditions.add((place) => `item.index < ${place}`, before);
  const filters = conditions.sql === '' ? '' : `and ${conditions.sql}`;
  return database.query<AuditItem>(
    `select item.entry, ended.entry as end
     from audit_entries item
     left join audit_entries ended on ended.workspace_id = ${workspace} and ended.of_index = item.index
     where item.workspace_id = ${workspace} and ${action === undefined ? LISTED : `item.kind <> 'ended'`} ${filters}
     order by item.index desc limit ${limit}`,
    conditions.parameters,
  );
}

export async function findAuditEntry(
  database: Database,
  workspaceId: string,
  index: number,
): Promise<AuditEntry | undefined> {
  const [row] = await database.query<{ entry: AuditEntry }>(
    `select entry from audit_entries where workspace_id = $1 and index = $2`,
    [workspaceId, index],
  );
  return row?.entry;
}

/** Clocks of processes differ: an anchor may seem to be older than the end that it is of. */
const MAX_CLOCK_SKEW_MS = 60_000;

/** The index of the first entry that anchors the execution, which ended then; undefined when there is none (yet). */
export async function findAnchor(
  database: Database,
  workspaceId: string,
  { executionId, finishedAt }: { readonly executionId: string; readonly finishedAt: string },
): Promise<number | undefined> {
  const [row] = await database.query<{ index: string }>(
    `select index from audit_entries
     where workspace_id = $1 and kind = 'anchored' and at >= $2 and exists (
       select from json_array_elements(entry -> 'histories') as history where history ->> 'executionId' = $3)
     order by at, index limit 1`,
    [workspaceId, toInstant(epochMsOf(finishedAt) - MAX_CLOCK_SKEW_MS), executionId],
  );
  return row && Number(row.index);
}

/** The hashes of those subtrees, in their order; undefined when one of them is not there (yet). */
export async function readAuditTree(
  database: Database,
  workspaceId: string,
  subtrees: readonly PerfectSubtree[],
): Promise<readonly string[] | undefined> {
  const found = await findSubtrees(
    database,
    subtrees.map((subtree) => ({ ...subtree, workspaceId })),
  );
  const hashes = subtrees.flatMap(({ level, place }) => found.get(`${workspaceId}/${level}/${place}`) ?? []);
  return hashes.length === subtrees.length ? hashes : undefined;
}
