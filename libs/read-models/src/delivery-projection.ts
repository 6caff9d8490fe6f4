import { decodeEntry } from '#libs/webhook-deliveries';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { applyDeliveries } from './delivery-table.ts';

/** Entries of `DELIVERIES` → rows of `deliveries`. */
export class DeliveryProjection implements BatchProjection {
  readonly name = 'deliveries';
  constructor(private readonly database: Database) {}

  apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const entries = batch.map(({ data, sequence }) => decodeEntry(data, sequence));
    return applyDeliveries(this.database, entries, move);
  }

  aggregateOf(): undefined {
    // Entries stand for themselves.
  }

  reset(): void {
    // Keeps nothing between batches: an entry never changes.
  }
}
