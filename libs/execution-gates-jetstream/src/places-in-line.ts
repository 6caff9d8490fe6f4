import type { Admission } from '#libs/execution-engine';
import type { GateLineStream } from './gate-line-stream.ts';
import { tokenOf } from './shared-gates.ts';

/** Where executions stand in the lines in which they wait. */
export class PlacesInLine {
  constructor(private readonly lines: Pick<GateLineStream, 'placeOf'>) {}

  /** From 1; undefined when it waits in no line. */
  async placeOf(executionId: string, { gates, passed }: Admission): Promise<number | undefined> {
    const gate = gates[passed];
    return gate?.kind === 'concurrency' ? this.lines.placeOf(tokenOf(gate), executionId) : undefined;
  }
}
