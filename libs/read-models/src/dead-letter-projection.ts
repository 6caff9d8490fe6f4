import { decodeFact } from '#libs/dead-letters';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { projectDeadLetter, type DeadLetterRecord } from './dead-letter-record.ts';
import { applyDeadLetters, findDeadLetters } from './dead-letter-table.ts';

/** Facts of `DEAD_LETTERS` → rows of `dead_letters`. */
export class DeadLetterProjection implements BatchProjection {
  readonly name = 'deadLetters';
  constructor(private readonly database: Database) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const facts = batch.map(({ data, sequence }) => decodeFact(data, sequence));
    const ids = [...new Set(facts.map(({ id }) => id))];
    const before = await findDeadLetters(this.database, ids);
    const records = new Map<string, DeadLetterRecord>(before.map((record) => [record.id, record]));
    for (const fact of facts) {
      // What became of a letter that the log no longer has says nothing by itself.
      const record = projectDeadLetter(records.get(fact.id), fact);
      if (record) records.set(fact.id, record);
    }
    return applyDeadLetters(this.database, [...records.values()], move);
  }

  aggregateOf(): undefined {
    // What became of a letter says nothing without it, and takes no harm.
  }

  reset(): void {
    // Keeps nothing between batches: work is seldom given up.
  }
}
