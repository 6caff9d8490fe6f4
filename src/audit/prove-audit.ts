import { Inject, Injectable } from '@nestjs/common';
import {
  AuditLog,
  fromHex,
  hashOfEntry,
  lineOf,
  toHex,
  treeHasher,
  type AuditEnd,
  type Consistency,
  type ExportHeader,
  type Inclusion,
} from '#libs/audit-log';
import { InvariantError, MillraceError } from '#libs/kernel';
import {
  consistencyRanges,
  inclusionRanges,
  isConsistent,
  isIncluded,
  perfectSubtrees,
  rootOf,
  type LeafRange,
} from '#libs/merkle-tree';
import { findAnchor, findAuditEntry, findExecution, readAuditTree, type Database } from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';
import { ReadAudit } from './read-audit.ts';

/** Makes what can be checked without us. What it says is checked here first: rows that were changed prove nothing. */
@Injectable()
export class ProveAudit {
  constructor(
    private readonly log: AuditLog,
    private readonly reading: ReadAudit,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** The whole log, as it is chained: a header, then an entry a line. Throws `AUDIT_LOG_EMPTY`. */
  async export(workspaceId: string): Promise<AsyncGenerator<string>> {
    const { checkpoint } = await this.#end(workspaceId);
    const header: ExportHeader = {
      format: 'millrace.audit.export/v1',
      workspaceId,
      keys: [...this.log.keys],
      checkpoint,
    };
    return exportLines(header, this.log.entries(workspaceId, checkpoint.size));
  }

  /** Throws `AUDIT_ENTRY_NOT_FOUND`. */
  async inclusion(workspaceId: string, index: number): Promise<Inclusion> {
    const { checkpoint } = await this.#shownEnd(workspaceId);
    const { size, root } = checkpoint;
    const entry = index < size ? await findAuditEntry(this.database, workspaceId, index) : undefined;
    if (!entry)
      throw new MillraceError('notFound', 'AUDIT_ENTRY_NOT_FOUND', `the log has ${size} entries, counted from 0`);
    const path = await this.#rootsOf(workspaceId, inclusionRanges(index, size));
    const claim = { leaf: hashOfEntry(entry), index, size, root: fromHex(root), path: path.map(fromHex) };
    if (!isIncluded(treeHasher, claim)) throw tampered(workspaceId);
    return { format: 'millrace.audit.inclusion/v1', workspaceId, keys: [...this.log.keys], checkpoint, entry, path };
  }

  /** Throws `AUDIT_ENTRY_NOT_FOUND` when the log never had so many entries. */
  async consistency(workspaceId: string, from: number): Promise<Consistency> {
    const { checkpoint } = await this.#shownEnd(workspaceId);
    const { size, root } = checkpoint;
    if (from > size) throw new MillraceError('notFound', 'AUDIT_ENTRY_NOT_FOUND', `the log has only ${size} entries`);
    const [fromRoot = ''] = await this.#rootsOf(workspaceId, [{ start: 0, end: from }]);
    const path = from === 0 ? [] : await this.#rootsOf(workspaceId, consistencyRanges(from, size));
    const roots = { firstRoot: fromHex(fromRoot), secondRoot: fromHex(root) };
    if (!isConsistent(treeHasher, { first: from, second: size, ...roots, path: path.map(fromHex) }))
      throw tampered(workspaceId);
    const { keys } = this.log;
    return { format: 'millrace.audit.consistency/v1', workspaceId, keys: [...keys], checkpoint, from, fromRoot, path };
  }

  /** The entry that has the digest of the history. Throws `EXECUTION_NOT_ANCHORED`. */
  async anchor(workspaceId: string, executionId: string): Promise<Inclusion> {
    await this.#shownEnd(workspaceId);
    const finishedAt = (await findExecution(this.database, workspaceId, executionId))?.finishedAt;
    const ended = finishedAt === undefined ? undefined : { executionId, finishedAt };
    const index = ended && (await findAnchor(this.database, workspaceId, ended));
    if (index !== undefined) return this.inclusion(workspaceId, index);
    const message = 'there is no such execution, it is not over, or ended before there was an audit';
    throw new MillraceError('notFound', 'EXECUTION_NOT_ANCHORED', message);
  }

  async #end(workspaceId: string): Promise<AuditEnd> {
    const end = await this.log.endOf(workspaceId);
    if (end) return end;
    throw new MillraceError('notFound', 'AUDIT_LOG_EMPTY', 'nothing was recorded in this workspace yet');
  }

  async #shownEnd(workspaceId: string): Promise<AuditEnd> {
    const end = await this.#end(workspaceId);
    if (await this.reading.shows(end)) return end;
    const message = 'the read model has not come to the end of the log; try again';
    throw new MillraceError('unavailable', 'READ_MODEL_BEHIND', message, { retryAfterMs: 1000 });
  }

  async #rootsOf(workspaceId: string, ranges: readonly LeafRange[]): Promise<string[]> {
    const parts = ranges.map((range) => perfectSubtrees(range));
    const hashes = await readAuditTree(this.database, workspaceId, parts.flat());
    if (!hashes) throw tampered(workspaceId);
    let place = 0;
    return parts.map(({ length }) => {
      const roots = hashes.slice(place, (place += length)).map(fromHex);
      return toHex(rootOf(treeHasher, { roots }));
    });
  }
}

async function* exportLines(header: ExportHeader, entries: AsyncIterable<object>): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  for await (const entry of entries) yield `${lineOf(entry)}\n`;
}

function tampered(workspaceId: string): InvariantError {
  return new InvariantError(`the rows of the audit of ${workspaceId} are not what was written into its log`);
}
