import { readSubject, subjectsOf, type JetStreamConnection } from '#libs/jetstream';
import type { LogStreamCount } from '#libs/event-store-jetstream';
import { armedFilter, queueOf, START_STREAM, TIMER_STREAM, workFilters } from './layout.ts';
import type { DueTimer } from './messages.ts';

/** Work that waits in a queue or is in somebody's hands, as its message has it. */
export interface WorkInQueue {
  /** `start.<lane>.<shard>`, `run.<executor>` or `due`. */
  readonly queue: string;
  /** Undefined when it is not JSON. */
  readonly payload: unknown;
}

/** Tasks and fired timers of one partition of the log. Only reads. */
export async function* workInPartition(
  connection: JetStreamConnection,
  partition: string,
  logStreams: LogStreamCount,
): AsyncIterable<WorkInQueue> {
  for (const { stream, filter } of workFilters(partition, logStreams)) yield* workIn(connection, stream, filter);
}

/** Executions that wait to be begun, or are being begun. Only reads. */
export function startsInQueues(connection: JetStreamConnection): AsyncIterable<WorkInQueue> {
  return workIn(connection, START_STREAM, 'starts.*.*');
}

/** Timers of one partition that the server will fire. Only reads. */
export async function* armedTimers(connection: JetStreamConnection, partition: string): AsyncIterable<DueTimer> {
  for await (const page of subjectsOf(connection, TIMER_STREAM, armedFilter(partition))) {
    for (const subject of page) {
      const [, , executionId = '', timerId = ''] = subject.split('.');
      yield { executionId, timerId };
    }
  }
}

async function* workIn(connection: JetStreamConnection, stream: string, filter: string): AsyncIterable<WorkInQueue> {
  for await (const { subject, data } of readSubject(connection, stream, filter))
    yield { queue: queueOf(subject), payload: payloadIn(data) };
}

function payloadIn(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
