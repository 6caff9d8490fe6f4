import type { GateLineStream } from './gate-line-stream.ts';
import { tokenOf } from './token-of.ts';

/** Where executions stand in the lines in which they wait. */
export class PlacesInLine {
  constructor(private readonly lines: Pick<GateLineStream, 'placeOf'>) {}

  /** From 1; undefined when it does not wait for the concurrency key. */
  placeOf(executionId: string, key: string): Promise<number | undefined> {
    return this.lines.placeOf(tokenOf({ kind: 'concurrency', key }), executionId);
  }
}
