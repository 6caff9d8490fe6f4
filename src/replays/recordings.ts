import { Injectable } from '@nestjs/common';
import { referencesIn, leanCommit, type RecordedCommit, type Recording } from '#libs/execution-replay';
import { Payloads } from '#libs/execution-runtime';
import { DataErasedError, payloadsOf, type PayloadReference } from '#libs/execution-engine';
import { MillraceError, type ExecutionId, type JsonValue, type WorkspaceId } from '#libs/kernel';
import { ExecutionHistories } from '../executions/execution-histories.ts';

/** Of the values of one execution that are held in memory at once, as the object store counts them. */
export const MAX_STORED_BYTES = 64 * 1024 * 1024;

/** Reads what a replay needs of an execution. */
@Injectable()
export class Recordings {
  constructor(
    private readonly histories: ExecutionHistories,
    private readonly payloads: Payloads,
  ) {}

  /** Throws `EXECUTION_NOT_FOUND`, `DATA_ERASED`, and `REPLAY_TOO_LARGE` when its values are more than one replay may hold. */
  async read(workspaceId: WorkspaceId, executionId: ExecutionId): Promise<Recording> {
    const commits: RecordedCommit[] = [];
    for await (const commit of this.histories.commits(workspaceId, executionId)) {
      const lean = leanCommit(commit);
      if (lean) commits.push(lean);
    }
    const payloads = commits.flatMap(({ events }) => events.flatMap(payloadsOf));
    if (payloads.some((payload) => 'erased' in payload)) throw new DataErasedError();
    return { executionId, commits, stored: await this.#valuesOf(referencesIn(commits)) };
  }

  async #valuesOf(references: readonly PayloadReference[]): Promise<ReadonlyMap<string, JsonValue>> {
    const unique = new Map(references.map((reference) => [reference.object, reference]));
    const bytes = [...unique.values()].reduce((sum, reference) => sum + reference.bytes, 0);
    if (bytes > MAX_STORED_BYTES) {
      const message = `its values have ${bytes} bytes, and a replay holds at most ${MAX_STORED_BYTES}; npm run replay takes its bundle`;
      throw new MillraceError('refused', 'REPLAY_TOO_LARGE', message);
    }
    const values = new Map<string, JsonValue>();
    for (const [object, reference] of unique) values.set(object, await this.payloads.valueAt(reference));
    return values;
  }
}
