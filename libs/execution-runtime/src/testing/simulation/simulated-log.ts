import { LogUnavailableError, type Commit, type EventStore, type StoredCommit } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import type { ParkedCalls } from './parked-calls.ts';

type StoredExecutionCommit = StoredCommit<ExecutionEvent>;

/** The log that all processes share; tells of each commit once it is stored. */
export class SimulatedLog {
  readonly commits: StoredExecutionCommit[] = [];
  readonly #store = new InMemoryEventStore<ExecutionEvent>();

  constructor(
    private readonly calls: ParkedCalls,
    private readonly onStored: (commit: StoredExecutionCommit) => void,
  ) {}

  /** As one process sees it. Calls of a process that died are never answered well. */
  seenBy(process: { readonly isAlive: boolean }): EventStore<ExecutionEvent> {
    return {
      append: (commit, expected) => this.#append(process, commit, expected),
      readLast: (id, options) => this.#readLast(process, id, options),
      readHistory: (id, options) => this.#readHistory(process, id, options),
    };
  }

  /** The history of an execution as the leader has it. */
  historyOf(executionId: string): readonly StoredExecutionCommit[] {
    return this.commits.filter(({ aggregateId }) => aggregateId === executionId);
  }

  /** `badly` is not stored; `badlyAfterAll` is, and the writer does not learn of it. */
  async #append(process: Process, commit: Commit<ExecutionEvent>, expected: number): Promise<number> {
    const what = `append ${commit.aggregateId}@${commit.firstVersion}`;
    const outcome = await this.calls.park({ process, what, troubles: ['badly', 'badlyAfterAll'] });
    ensureAlive(process);
    if (outcome === 'badly') throw new LogUnavailableError('the log did not take it');
    const sequence = await this.#store.append(commit, expected);
    const stored = await this.#store.readLast(commit.aggregateId);
    if (stored) this.commits.push(stored);
    if (stored) this.onStored(stored);
    if (outcome === 'badlyAfterAll') throw new LogUnavailableError('the log did not confirm it');
    await this.calls.park({ process, what: `acknowledge ${what}`, troubles: [] });
    ensureAlive(process);
    return sequence;
  }

  /** `badlyAfterAll` is a replica that has not got the last commit yet; the leader has. */
  async #readLast(
    process: Process,
    id: string,
    { fresh = false }: { fresh?: boolean } = {},
  ): Promise<StoredExecutionCommit | undefined> {
    const troubles = fresh ? (['badly'] as const) : (['badly', 'badlyAfterAll'] as const);
    const outcome = await this.calls.park({ process, what: `read ${id}`, troubles });
    ensureAlive(process);
    if (outcome === 'badly') throw new LogUnavailableError('the log did not answer');
    return this.historyOf(id).at(outcome === 'badlyAfterAll' ? -2 : -1);
  }

  async *#readHistory(
    process: Process,
    id: string,
    { fromSequence = 0 }: { fromSequence?: number } = {},
  ): AsyncIterable<StoredExecutionCommit> {
    const outcome = await this.calls.park({ process, what: `read all of ${id}`, troubles: ['badlyAfterAll'] });
    ensureAlive(process);
    const history = this.historyOf(id).filter(({ sequence }) => sequence >= fromSequence);
    yield* outcome === 'badlyAfterAll' ? history.slice(0, -1) : history;
  }
}

interface Process {
  readonly isAlive: boolean;
}

function ensureAlive({ isAlive }: Process): void {
  if (!isAlive) throw new LogUnavailableError('the process is dead');
}
