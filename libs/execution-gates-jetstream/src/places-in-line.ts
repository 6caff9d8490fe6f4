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

/** How an execution that waits for a concurrency key stands. */
export interface StandingInLine {
  readonly isInLine: boolean;
  /** Who has a place beyond the line. */
  readonly holders: readonly string[];
}

/** Only reads, also where the bucket and the stream were never made by this process. */
export async function standingInLine(
  connection: JetStreamConnection,
  executionId: string,
  key: string,
): Promise<StandingInLine> {
  const token = tokenOf({ kind: 'concurrency', key });
  const [{ value }, inLine] = await Promise.all([
    readGateValue(connection, token),
    isInLine(connection, token, executionId),
  ]);
  const { holders } = value === undefined ? NO_HOLDERS : storedHolders.parse(value);
  return { isInLine: inLine, holders };
}
