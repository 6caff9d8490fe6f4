import { type AuditEntry } from '#libs/audit-log';
import type { PerfectSubtree } from '#libs/merkle-tree';
import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { rowParameters, storableText } from './rows.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into audit_entries (workspace_id, index, kind, of_index, at, actor_id, action, target, entry)
  select workspace_id, index, kind, of_index, at, actor_id, action, target, entry::json
  from rows from (
    json_to_recordset($5::json) as (
      workspace_id text, index bigint, kind text, of_index bigint, at timestamptz, actor_id text, action text, target text),
    string_to_table($6, E'\\n')
  ) as row(workspace_id, index, kind, of_index, at, actor_id, action, target, entry)
  where exists (select from moved)
  on conflict do nothing
),
grown as (
  insert into audit_tree (workspace_id, level, place, hash)
  select workspace_id, level, place, hash
  from json_to_recordset($7::json) as (workspace_id text, level smallint, place bigint, hash text)
  where exists (select from moved)
  on conflict do nothing
)
select stream from moved`;

/** An entry, and whose log it is in. */
export interface PlacedEntry {
  readonly workspaceId: string;
  readonly entry: AuditEntry;
}

/** A subtree that is full, with its hash in hex. */
export interface AuditSubtree extends PerfectSubtree {
  readonly workspaceId: string;
  readonly hash: string;
}

/** Writes both and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyAudit(
  database: Database,
  { entries, subtrees }: { readonly entries: readonly PlacedEntry[]; readonly subtrees: readonly AuditSubtree[] },
  move: CheckpointMove,
): Promise<boolean> {
  const rows = rowParameters(entries.map((placed) => ({ columns: columnsOf(placed), record: placed.entry })));
  const grown = JSON.stringify(
    subtrees.map(({ workspaceId, level, place, hash }) => ({ workspace_id: workspaceId, level, place, hash })),
  );
  return (await database.query(APPLY, [...checkpointMove(move), ...rows, grown])).length === 1;
}

function columnsOf({ workspaceId, entry }: PlacedEntry): object {
  const target = 'target' in entry ? entry.target : null;
  return {
    workspace_id: workspaceId,
    index: entry.index,
    kind: entry.kind,
    of_index: entry.kind === 'ended' ? entry.of : null,
    at: entry.at,
    actor_id: 'actor' in entry ? entry.actor?.id : null,
    action: 'action' in entry ? entry.action : null,
    target: target === null ? null : storableText(target),
  };
}

/** The hashes of those subtrees that are full, by `workspaceId/level/place`. */
export async function findSubtrees(
  database: Database,
  wanted: readonly (PerfectSubtree & { readonly workspaceId: string })[],
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map();
  const asked = wanted.map(({ workspaceId, level, place }) => ({ workspace_id: workspaceId, level, place }));
  const rows = await database.query<{ workspace_id: string; level: number; place: string; hash: string }>(
    `select workspace_id, level, place, hash
     from audit_tree join json_to_recordset($1::json) as asked(workspace_id text, level smallint, place bigint)
       using (workspace_id, level, place)`,
    [JSON.stringify(asked)],
  );
  return new Map(rows.map(({ workspace_id: id, level, place, hash }) => [`${id}/${level}/${place}`, hash]));
}
