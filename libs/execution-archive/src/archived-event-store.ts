import type { Commit, EventStore, StoredCommit } from '#libs/event-sourcing';
import type { CommitCodec } from '#libs/event-store-jetstream';
import type { ExecutionEvent } from '#libs/execution-engine';
import { unpackHistory } from './archived-history.ts';

/** Where histories are that left the log. */
export interface HistoryArchive {
  find(executionId: string): Promise<Buffer | undefined>;
}

/**
 * Histories wherever they are: in the log, or in the archive once they left it. Whoever reads need not know. Nothing is
 * appended to what is archived, as it is over.
 */
export class ArchivedEventStore implements EventStore<ExecutionEvent> {
  constructor(
    private readonly log: EventStore<ExecutionEvent>,
    private readonly archive: HistoryArchive,
    private readonly codec: CommitCodec<ExecutionEvent>,
  ) {}

  append(commit: Commit<ExecutionEvent>, expectedSequence: number): Promise<number> {
    return this.log.append(commit, expectedSequence);
  }

  async readLast(
    executionId: string,
    options?: { fresh?: boolean },
  ): Promise<StoredCommit<ExecutionEvent> | undefined> {
    return (await this.log.readLast(executionId, options)) ?? (await this.#archived(executionId)).at(-1);
  }

  async *readHistory(
    executionId: string,
    options: { fromSequence?: number } = {},
  ): AsyncIterable<StoredCommit<ExecutionEvent>> {
    let isInLog = false;
    for await (const commit of this.log.readHistory(executionId, options)) {
      isInLog = true;
      yield commit;
    }
    if (isInLog) return;
    const { fromSequence = 1 } = options;
    for (const commit of await this.#archived(executionId)) if (commit.sequence >= fromSequence) yield commit;
  }

  async #archived(executionId: string): Promise<StoredCommit<ExecutionEvent>[]> {
    const history = await this.archive.find(executionId);
    return history ? unpackHistory(history, this.codec) : [];
  }
}
