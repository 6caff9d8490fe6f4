import type { JetStreamManager } from '@nats-io/jetstream';
import { lastVersionOf, type EventStore, type StoredCommit } from '#libs/event-sourcing';
import type { CommitCodec, LogLayout } from '#libs/event-store-jetstream';
import type { ExecutionEvent } from '#libs/execution-engine';
import { findOpenRebuild, type Database } from '#libs/read-models';
import { packHistory, type ArchivedHistory } from './archived-history.ts';
import { archivedAmong, ensureMonths, insertHistories } from './archive-table.ts';
import {
  BEFORE_ALL,
  executionsToArchive,
  markArchived,
  type ArchivePlace,
  type OverExecution,
} from './over-executions.ts';
import { settledSequence } from './settled.ts';

export interface ArchiverParts {
  readonly manager: JetStreamManager;
  readonly database: Database;
  /** Histories that are in the log, and only there. */
  readonly log: EventStore<ExecutionEvent>;
  readonly layout: LogLayout;
  readonly codec: CommitCodec<ExecutionEvent>;
  /** Durable name of whoever hands out what follows from commits. */
  readonly dispatcher: string;
  /** A history that is over is whole neither in the log nor in the archive. What there is of it stays where it is. */
  readonly onIncomplete: (executionId: string) => void;
}

/**
 * Takes histories that are over out of the log into the archive. Each step can be repeated: first the archive has it, then
 * the log no longer, then its row says so; a crash between them is met again from the row.
 */
export class Archiver {
  /** Where the last step ended: what can't leave yet must not keep those behind it from leaving. */
  #after: ArchivePlace = BEFORE_ALL;

  constructor(private readonly parts: ArchiverParts) {}

  /**
   * Looks into up to `limit` executions that ended before, the oldest first, and says into how many. Each call goes on behind
   * the last one; after one that had fewer, the next begins anew.
   */
  async archive(endedBefore: string, limit: number): Promise<number> {
    const { database } = this.parts;
    // A rebuild reads the log from its beginning, and would miss what leaves it meanwhile.
    if (await findOpenRebuild(database, 'executions')) return 0;
    const over = await executionsToArchive(database, { endedBefore, after: this.#after, limit });
    const last = over.at(-1);
    this.#after = last && over.length === limit ? last : BEFORE_ALL;
    const { met, whole, packed } = await this.#lookInto(over);
    await ensureMonths(
      database,
      packed.map(({ finishedAt }) => finishedAt),
    );
    if (packed.length > 0) await insertHistories(database, packed);
    for (const id of whole) await this.trim(id);
    await markArchived(database, met);
    return over.length;
  }

  async #lookInto(over: readonly OverExecution[]): Promise<Looked> {
    const ids = over.map(({ id }) => id);
    const [archived, settled] = [await archivedAmong(this.parts.database, ids), await this.#settled()];
    const met: string[] = [];
    const whole: string[] = [];
    const packed: ArchivedHistory[] = [];
    for (const execution of over) {
      const history = archived.has(execution.id) ? 'archived' : await this.#packed(execution, settled);
      if (history === 'unsettled') continue;
      met.push(execution.id);
      if (history === 'incomplete') continue;
      whole.push(execution.id);
      if (history !== 'archived') packed.push(history);
    }
    return { met, whole, packed };
  }

  /** Takes the history out of the log. */
  async trim(executionId: string): Promise<void> {
    const { manager, layout } = this.parts;
    await manager.streams.purge(layout.streamOf(executionId), { filter: layout.subjectOf(executionId) });
  }

  /** Whether nobody needs the history in the log any more to make something of it. */
  async isSettled({ id, version }: OverExecution): Promise<boolean> {
    const settled = await this.#settled();
    const last = await this.parts.log.readLast(id, { fresh: true });
    return (
      !last || (lastVersionOf(last) === version && last.sequence <= (settled.get(this.parts.layout.streamOf(id)) ?? 0))
    );
  }

  async #packed(execution: OverExecution, settled: Settled): Promise<ArchivedHistory | 'unsettled' | 'incomplete'> {
    const { layout, codec, onIncomplete } = this.parts;
    const commits = await this.#history(execution.id);
    const last = commits.at(-1);
    if (!last || !isDense(commits) || lastVersionOf(last) < execution.version) {
      onIncomplete(execution.id);
      return 'incomplete';
    }
    const isDone =
      lastVersionOf(last) === execution.version && last.sequence <= (settled.get(layout.streamOf(execution.id)) ?? 0);
    return isDone ? packHistory(execution, commits, codec) : 'unsettled';
  }

  async #history(executionId: string): Promise<StoredCommit<ExecutionEvent>[]> {
    const commits: StoredCommit<ExecutionEvent>[] = [];
    for await (const commit of this.parts.log.readHistory(executionId)) commits.push(commit);
    return commits;
  }

  async #settled(): Promise<Settled> {
    const { manager, database, layout, dispatcher } = this.parts;
    const streams = layout.streams.map(async ({ name }) => {
      return [name, await settledSequence(manager, database, { stream: name, dispatcher })] as const;
    });
    return new Map(await Promise.all(streams));
  }
}

interface Looked {
  /** That need not be looked into again. */
  readonly met: readonly string[];
  /** Of these, those that the log may let go. */
  readonly whole: readonly string[];
  /** Of these, those that the archive lacks. */
  readonly packed: readonly ArchivedHistory[];
}

/** Whether no event is missing between the first and the last one there. */
function isDense(commits: readonly StoredCommit<ExecutionEvent>[]): boolean {
  return commits.every(({ firstVersion }, index) => {
    const before = commits[index - 1];
    return firstVersion === (before ? lastVersionOf(before) : 0) + 1;
  });
}

/** By stream, the sequence up to which it is done with. */
type Settled = ReadonlyMap<string, number>;
