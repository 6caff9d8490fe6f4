import type { StoredCommit } from '#libs/event-sourcing';
import type { CommitCodec } from '#libs/event-store-jetstream';
import type { ExecutionEvent } from '#libs/execution-engine';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { projectCommit } from './execution-record.ts';
import { applyExecutions, findExecutions, type ShelvedRecord } from './execution-table.ts';
import { RecordCache } from './record-cache.ts';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { ShelfKeeper } from './shelves.ts';
import { endedHistories, type EndedHistory } from './unanchored-histories.ts';

const RECENT = 5_000;

/** Commits of one log stream → rows of `executions`, one write per execution and batch however many commits it had. */
export class ExecutionProjection implements BatchProjection {
  readonly name = 'executions';
  readonly #recent: RecordCache<ShelvedRecord>;
  readonly #shelves = new ShelfKeeper();

  constructor(
    private readonly database: Database,
    private readonly codec: CommitCodec<ExecutionEvent>,
    /** Whether histories that end are to be anchored: by the live read models, and not again by a rebuild. */
    private readonly isAnchoring = false,
  ) {
    this.#recent = new RecordCache((ids) => findExecutions(database, ids), RECENT);
  }

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const commits = batch.map(({ data, sequence }) => this.codec.decodeEvents(data, sequence));
    const { rows, ended } = await this.#project(commits, move.from.stream);
    const shelves = this.#shelves.takeGrowth();
    if (!(await applyExecutions(this.database, { rows, shelves, ended }, move))) return false;
    this.#recent.keep(rows);
    for (const { id, record } of rows) if (record.finishedAt) this.#recent.forget(id);
    return true;
  }

  aggregateOf({ subject }: StreamMessage): string {
    return subject.slice(subject.lastIndexOf('.') + 1);
  }

  reset(): void {
    this.#recent.clear();
    this.#shelves.clear();
  }

  async #project(
    commits: readonly StoredCommit<ExecutionEvent>[],
    stream: string,
  ): Promise<{ readonly rows: readonly ShelvedRecord[]; readonly ended: readonly EndedHistory[] }> {
    const begun = new Set(commits.filter((commit) => commit.firstVersion === 1).map((commit) => commit.aggregateId));
    const ids = new Set(commits.map((commit) => commit.aggregateId));
    const before = await this.#recent.load([...ids].filter((id) => !begun.has(id)));
    const records = new Map(Array.from(before.values(), ({ id, record }) => [id, record]));
    for (const commit of commits) {
      const after = projectCommit(records.get(commit.aggregateId), commit);
      if (after) records.set(commit.aggregateId, after);
    }
    const added = Array.from(records.values()).filter(({ id }) => !before.has(id));
    await this.#shelves.load(
      this.database,
      stream,
      added.map(({ workspaceId }) => workspaceId),
    );
    const rows = Array.from(records.values(), (record) => {
      const shelf = before.get(record.id)?.shelf ?? this.#shelves.put(stream, record);
      return { id: record.id, shelf, record };
    });
    const ended = this.isAnchoring ? endedHistories(records.values(), (id) => before.get(id)?.record) : [];
    return { rows, ended };
  }
}
