import { NO_HOLDERS, storedHolders } from '#libs/execution-gates';
import type { JetStreamConnection } from '#libs/jetstream';
import { readGateValue } from './gate-bucket.ts';
import { isInLine, type GateLineStream } from './gate-line-stream.ts';
import { tokenOf } from './token-of.ts';

/** Where executions stand in the lines in which they wait. */
export class PlacesInLine {
  constructor(private readonly lines: Pick<GateLineStream, 'placeOf'>) {}

  /** From 1; undefined when it does not wait for the concurrency key. */
  placeOf(executionId: string, key: string): Promise<number | undefined> {
    return this.lines.placeOf(tokenOf({ kind: 'concurrency', key }), executionId);
  }
}

/** Whether an execution waits in the line of a concurrency key. Only reads, from the leader. */
export function waitsInLine(connection: JetStreamConnection, executionId: string, key: string): Promise<boolean> {
  return isInLine(connection, tokenOf({ kind: 'concurrency', key }), executionId);
}

/** Who has a place beyond the line of a concurrency key. Only reads, from the leader. */
export async function holdersOf(connection: JetStreamConnection, key: string): Promise<readonly string[]> {
  const { value } = await readGateValue(connection, tokenOf({ kind: 'concurrency', key }));
  return (value === undefined ? NO_HOLDERS : storedHolders.parse(value)).holders;
}
