import type { CheckpointMove } from './checkpoint.ts';

/** One message of the stream, still undecoded. */
export interface StreamMessage {
  readonly data: Uint8Array;
  readonly sequence: number;
}

/** Turns messages into rows. */
export interface BatchProjection {
  /** Applies the batch and moves the checkpoint, both or neither; false when it was not where the move begins. */
  apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean>;
  /** Forgets what it keeps between batches: the next one may not follow the last. */
  reset(): void;
}
