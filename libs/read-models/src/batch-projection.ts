import type { CheckpointMove } from './checkpoint.ts';
import type { ProjectionName } from './projections.ts';

/** One message of the stream, still undecoded. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly sequence: number;
}

/** Turns messages into rows. */
export interface BatchProjection {
  readonly name: ProjectionName;
  /** Applies the batch and moves the checkpoint, both or neither; false when it was not where the move begins. */
  apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean>;
  /** Whose history the message is part of, which needs all of its messages; undefined when each stands for itself. */
  aggregateOf(message: StreamMessage): string | undefined;
  /** Forgets what it keeps between batches: the next one may not follow the last. */
  reset(): void;
}
