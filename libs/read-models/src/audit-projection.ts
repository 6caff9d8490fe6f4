import { createAuditCodec, fromHex, hashOfEntry, toHex, treeHasher } from '#libs/audit-log';
import { InvariantError } from '#libs/kernel';
import { createFrontier, extendFrontier, perfectSubtrees, type Frontier } from '#libs/merkle-tree';
import { applyAudit, findSubtrees, type AuditSubtree, type PlacedEntry } from './audit-table.ts';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';

/** Entries of `AUDIT` → rows of `audit_entries` and `audit_tree`. */
export class AuditProjection implements BatchProjection {
  readonly name = 'audit';
  readonly #codec = createAuditCodec();

  constructor(private readonly database: Database) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const entries = batch.flatMap(({ data, sequence }): PlacedEntry[] => {
      const { aggregateId: workspaceId, events } = this.#codec.decodeEvents(data, sequence);
      return events.map((event) => ({ workspaceId, entry: event.data }));
    });
    const frontiers = await this.#frontiersBefore(entries);
    const subtrees: AuditSubtree[] = [];
    for (const { workspaceId, entry } of entries) {
      const before = frontiers.get(workspaceId);
      if (before?.size !== entry.index)
        throw new InvariantError(`the audit log of ${workspaceId} has no entry before ${entry.index}`);
      const grown = extendFrontier(treeHasher, before, hashOfEntry(entry), (subtree, root) =>
        subtrees.push({ ...subtree, workspaceId, hash: toHex(root) }),
      );
      frontiers.set(workspaceId, grown);
    }
    return applyAudit(this.database, { entries, subtrees }, move);
  }

  /** The workspace: what comes after a message that can't be taken hangs on it. */
  aggregateOf({ subject }: StreamMessage): string {
    return subject.slice(subject.lastIndexOf('.') + 1);
  }

  reset(): void {
    // Keeps nothing between batches: people and keys change things seldom.
  }

  /** The tree of each workspace as it is before its first entry of the batch. */
  async #frontiersBefore(entries: readonly PlacedEntry[]): Promise<Map<string, Frontier>> {
    const sizes = new Map<string, number>();
    for (const { workspaceId, entry } of entries) if (!sizes.has(workspaceId)) sizes.set(workspaceId, entry.index);
    const wanted = [...sizes].flatMap(([workspaceId, size]) =>
      perfectSubtrees({ start: 0, end: size }).map((subtree) => ({ ...subtree, workspaceId })),
    );
    const found = await findSubtrees(this.database, wanted);
    return new Map(
      [...sizes].flatMap(([workspaceId, size]): [string, Frontier][] => {
        const roots = perfectSubtrees({ start: 0, end: size }).flatMap(({ level, place }) => {
          const hash = found.get(`${workspaceId}/${level}/${place}`);
          return hash === undefined ? [] : [fromHex(hash)];
        });
        const frontier = createFrontier(size, roots);
        return frontier ? [[workspaceId, frontier]] : [];
      }),
    );
  }
}
