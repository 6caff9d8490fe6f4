import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import type { Database } from './database.ts';
import { projectDigested } from './digested-record.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { findExecutions, writeExecutions } from './execution-table.ts';
import { ShelfKeeper } from './shelves.ts';

type History = readonly StoredCommit<ExecutionEvent>[];

/** Writes rows of executions whose histories left the log. Repeated, it goes on: what is there in full stays as it is. */
export class ArchivedExecutions {
  readonly #shelves = new ShelfKeeper();

  constructor(
    private readonly database: Database,
    private readonly streamOf: (executionId: string) => string,
  ) {}

  async write(histories: readonly History[]): Promise<void> {
    const records = histories.flatMap((history) => recordOf(history) ?? []);
    const ids = records.map(({ id }) => id);
    // The log may still hold what was erased, if a crash came between, and the rows were made of that.
    const erased = records.filter(({ input }) => 'erased' in input).map(({ id }) => id);
    if (erased.length > 0) await this.database.query(`delete from executions where id = any($1)`, [erased]);
    const present = new Map((await findExecutions(this.database, ids)).map((row) => [row.id, row]));
    const missing = records.filter(({ id, version }) => (present.get(id)?.record.version ?? 0) < version);
    await this.#openShelves(missing);
    const rows = missing.map((record) => ({
      id: record.id,
      shelf: present.get(record.id)?.shelf ?? this.#shelves.put(this.streamOf(record.id), record),
      record,
    }));
    if (rows.length > 0) await writeExecutions(this.database, { rows, shelves: this.#shelves.takeGrowth() });
    await this.database.query(`update executions set archived = true where id = any($1)`, [ids]);
  }

  async #openShelves(records: readonly ExecutionRecord[]): Promise<void> {
    const byStream = Map.groupBy(records, ({ id }) => this.streamOf(id));
    for (const [stream, ofStream] of byStream) {
      await this.#shelves.load(
        this.database,
        stream,
        ofStream.map(({ workspaceId }) => workspaceId),
      );
    }
  }
}

function recordOf(history: History): ExecutionRecord | undefined {
  return history.reduce<ExecutionRecord | undefined>((before, commit) => projectDigested(before, commit), undefined);
}
