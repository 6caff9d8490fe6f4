import {
  aggregateIdIn,
  logStreamOf,
  partitionFilter,
  type CommitCodec,
  type LogStreamCount,
} from '#libs/event-store-jetstream';
import { isTerminalEvent, type ExecutionEvent } from '#libs/execution-engine';
import { readLastOfEach, subjectsOf, type JetStreamConnection, type StoredMessage } from '#libs/jetstream';

/** Last commits carry outputs and snapshots, so this many of them are in memory at once. */
const AT_ONCE = 256;

export interface HistoriesParts {
  readonly connection: JetStreamConnection;
  readonly logStreams: LogStreamCount;
  readonly codec: CommitCodec<ExecutionEvent>;
}

export interface SomeHistories {
  /** How many were looked at. */
  readonly count: number;
  /** Executions among them that are not over, or whose last commit can't be read. */
  readonly openIds: readonly string[];
}

/**
 * All histories of a partition of the log, some at a time. The log is asked and not the read models, which may be behind
 * it or wrong; and of each history the last commit alone, as only that ends an execution.
 */
export async function* historiesOf(parts: HistoriesParts, partition: string): AsyncIterable<SomeHistories> {
  const { connection, logStreams } = parts;
  const stream = logStreamOf(partition, logStreams);
  for await (const page of subjectsOf(connection, stream, partitionFilter(partition))) {
    for (let from = 0; from < page.length; from += AT_ONCE) {
      const last = await readLastOfEach(connection, stream, page.slice(from, from + AT_ONCE));
      const open = [...last.values()].filter((message) => !endsExecution(parts, message));
      yield { count: last.size, openIds: open.map(({ subject }) => aggregateIdIn(subject)) };
    }
  }
}

function endsExecution({ codec }: HistoriesParts, { data, sequence }: StoredMessage): boolean {
  try {
    return codec.decodeEvents(data, sequence).events.some(({ type }) => isTerminalEvent(type));
  } catch {
    // Told when its state is read.
    return false;
  }
}
