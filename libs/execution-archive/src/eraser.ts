import type { EventStore, StoredCommit } from '#libs/event-sourcing';
import { isTerminalEvent, type ExecutionEvent } from '#libs/execution-engine';
import { erasedEvent } from '#libs/history-digest';
import { InvariantError, MillraceError } from '#libs/kernel';
import { findOpenRebuild, projectDigested, type ExecutionRecord } from '#libs/read-models';
import { objectsIn, packHistory } from './archived-history.ts';
import { relativesOf, unsharedObjects } from './archived-objects.ts';
import { ensureMonths } from './archive-table.ts';
import type { Archiver, ArchiverParts } from './archiver.ts';
import { endErasure, pendingErasures, recordErasure, type Erasure } from './erasures.ts';
import { expiredExecutions, findOver, removeExecutions, type OverExecution } from './over-executions.ts';

export interface EraserParts extends Pick<ArchiverParts, 'database' | 'codec'> {
  readonly archiver: Archiver;
  /** Histories wherever they are. */
  readonly store: EventStore<ExecutionEvent>;
  /** Takes payloads out of the object store; one that is not there is no mistake. */
  readonly removeObject: (object: string) => Promise<void>;
}

/** Takes data away for good: payloads of one execution because somebody asked for it, or executions whose time is over. */
export class Eraser {
  constructor(private readonly parts: EraserParts) {}

  /**
   * Erases the payloads of an execution that is over; its events stay, with a commitment to each payload. Gives executions
   * that may hold the same data. Throws `EXECUTION_NOT_OVER`, or `EXECUTION_NOT_SETTLED` in the first moments after the end.
   */
  async erase(executionId: string, at: string): Promise<readonly string[]> {
    const { database, codec, archiver } = this.parts;
    if (await findOpenRebuild(database, 'executions')) {
      const message = 'the read model of executions is being rebuilt; try again when that is over';
      throw new MillraceError('conflict', 'REBUILD_RUNNING', message, { retryAfterMs: 10_000 });
    }
    const over = await findOver(database, executionId);
    const commits = await this.#history(executionId);
    const isOver = commits.at(-1)?.events.some(({ type }) => isTerminalEvent(type)) === true;
    if (!isOver)
      throw new MillraceError('conflict', 'EXECUTION_NOT_OVER', 'the execution is not over; cancel it first');
    if (!over || !(await archiver.isSettled(over))) {
      const message = 'the execution ended this moment, and what follows from that is under way; try again';
      throw new MillraceError('conflict', 'EXECUTION_NOT_SETTLED', message, { retryAfterMs: 1_000 });
    }
    const relatives = await relativesOf(database, { workspaceId: over.workspaceId, executionId });
    const erased = commits.map((commit) => ({ ...commit, events: commit.events.map(erasedEvent) }));
    const objects = objectsIn(commits);
    await ensureMonths(database, [over.finishedAt]);
    const history = await packHistory(over, erased, codec);
    await recordErasure(database, { history, record: recordOf(erased), objects, at });
    await this.#finish({ executionId, workspaceId: over.workspaceId, objects });
    return relatives;
  }

  /** Ends erasures that a crash interrupted; says how many. */
  async finishErasures(limit: number): Promise<number> {
    const pending = await pendingErasures(this.parts.database, limit);
    for (const erasure of pending) await this.#finish(erasure);
    return pending.length;
  }

  /** Removes up to `limit` executions that their workspaces keep no longer, with all that there is of them; says how many. */
  async expire(
    now: string,
    { defaultDays, limit }: { readonly defaultDays: number | null; readonly limit: number },
  ): Promise<number> {
    const { database } = this.parts;
    if (await findOpenRebuild(database, 'executions')) return 0;
    const expired = await expiredExecutions(database, { now, defaultDays, limit });
    let removed = 0;
    for (const execution of expired) removed += Number(await this.#remove(execution));
    return removed;
  }

  async #remove(execution: OverExecution): Promise<boolean> {
    const { database, archiver } = this.parts;
    const { id: executionId, workspaceId } = execution;
    if (!execution.archived && !(await archiver.isSettled(execution))) return false;
    const objects = objectsIn(await this.#history(executionId));
    await this.#finish({ executionId, workspaceId, objects });
    await removeExecutions(database, [executionId]);
    return true;
  }

  async #finish({ executionId, workspaceId, objects }: Erasure): Promise<void> {
    const { database, archiver, store, removeObject } = this.parts;
    await archiver.trim(executionId);
    const relatives = objects.length > 0 ? await relativesOf(database, { workspaceId, executionId }) : [];
    for (const object of await unsharedObjects(objects, relatives, store)) await removeObject(object);
    await endErasure(database, executionId);
  }

  async #history(executionId: string): Promise<StoredCommit<ExecutionEvent>[]> {
    const commits: StoredCommit<ExecutionEvent>[] = [];
    for await (const commit of this.parts.store.readHistory(executionId)) commits.push(commit);
    return commits;
  }
}

function recordOf(commits: readonly StoredCommit<ExecutionEvent>[]): ExecutionRecord {
  const record = commits.reduce<ExecutionRecord | undefined>(
    (before, commit) => projectDigested(before, commit),
    undefined,
  );
  if (!record) throw new InvariantError('a history without events has no record');
  return record;
}
