import { decodeSuppression, workspaceAndIdIn, type Suppression } from '#libs/suppressions';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { applySuppressions } from './suppression-table.ts';

/** The list of suppressions, as it changes → rows of `suppressions`. */
export class SuppressionProjection implements BatchProjection {
  readonly name = 'suppressions';
  constructor(private readonly database: Database) {}

  apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const changes = new Map<string, Suppression | undefined>();
    for (const { subject, data, sequence } of batch) {
      const [, id] = workspaceAndIdIn(subject);
      // What was taken from the list and what has expired leave a mark without a body.
      changes.set(id, decodeSuppression(data, sequence));
    }
    return applySuppressions(this.database, changes, move);
  }

  aggregateOf(): undefined {
    // Each message says all of an entry: what came before it is nothing any more.
  }

  reset(): void {
    // Keeps nothing between batches: the rows are all there is to know.
  }
}
