import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import type { LogStreamCount } from '#libs/event-store-jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { storedAtOfNext, type JetStreamConnection } from '#libs/jetstream';
import {
  executorConsumer,
  runFilter,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startSubject,
  taskStreamNames,
} from './layout.ts';
import { LANES, startQueueName } from './task-queue.ts';

/** What the server knows of a queue. */
export interface QueueState {
  /** Waits for a worker. */
  readonly ready: number;
  /** Given to workers and not yet acknowledged. */
  readonly inFlight: number;
  /** Of those in flight, how many were given out before. */
  readonly redelivered: number;
  /** Since when the oldest that is ready waits, in ms since 1970; absent when none is. */
  readonly oldestReadyMs?: number;
}

/** A part of a queue: one consumer of one stream. */
interface Part {
  readonly stream: string;
  readonly consumer: string;
  readonly filter: string;
}

/** The states of all queues by name: as the streams' leaders have them now. */
export async function readQueueStates(
  { connection, manager }: { readonly connection: JetStreamConnection; readonly manager: JetStreamManager },
  { logStreams, executors }: { readonly logStreams: LogStreamCount; readonly executors: readonly string[] },
): Promise<ReadonlyMap<string, QueueState>> {
  const streams = [START_STREAM, ...taskStreamNames(logStreams)];
  const consumers = new Map((await Promise.all(streams.map((stream) => consumersOf(manager, stream)))).flat());
  const queues = [...startParts(), ...runParts(logStreams, executors)];
  return new Map(
    await Promise.all(
      queues.map(async ([name, parts]) => {
        const states = await Promise.all(
          parts.map((part) => stateOf(connection, part, consumers.get(`${part.stream}/${part.consumer}`))),
        );
        return [name, states.reduce(sumOf, NOTHING)] as const;
      }),
    ),
  );
}

const NOTHING: QueueState = { ready: 0, inFlight: 0, redelivered: 0 };

function startParts(): (readonly [name: string, parts: readonly Part[]])[] {
  return LANES.map((lane) => [
    startQueueName(lane),
    START_PLACES.filter((place) => place.lane === lane).map((place) => ({
      stream: START_STREAM,
      consumer: starterConsumer(place).durable_name,
      filter: startSubject(place),
    })),
  ]);
}

function runParts(
  logStreams: LogStreamCount,
  executors: readonly string[],
): (readonly [name: string, parts: readonly Part[]])[] {
  return executors.map((executor) => [
    executor,
    taskStreamNames(logStreams).map((stream) => ({
      stream,
      consumer: executorConsumer(executor).durable_name,
      filter: runFilter(executor),
    })),
  ]);
}

async function consumersOf(manager: JetStreamManager, stream: string): Promise<[string, ConsumerInfo][]> {
  const found: [string, ConsumerInfo][] = [];
  try {
    for await (const info of manager.consumers.list(stream)) found.push([`${stream}/${info.name}`, info]);
  } catch (cause) {
    throw new LogUnavailableError(`the consumers of ${stream} could not be read`, { cause });
  }
  return found;
}

async function stateOf(
  connection: JetStreamConnection,
  part: Part,
  info: ConsumerInfo | undefined,
): Promise<QueueState> {
  if (!info) return NOTHING;
  const { num_pending: ready, num_ack_pending: inFlight, num_redelivered: redelivered } = info;
  const { stream, filter } = part;
  // Undefined as well when it was taken meanwhile.
  const oldestReadyMs =
    ready > 0
      ? await storedAtOfNext(connection, stream, { filter, fromSequence: info.delivered.stream_seq + 1 })
      : undefined;
  return { ready, inFlight, redelivered, ...(oldestReadyMs === undefined ? {} : { oldestReadyMs }) };
}

function sumOf(one: QueueState, other: QueueState): QueueState {
  const oldest = [one.oldestReadyMs, other.oldestReadyMs].filter((at) => at !== undefined);
  return {
    ready: one.ready + other.ready,
    inFlight: one.inFlight + other.inFlight,
    redelivered: one.redelivered + other.redelivered,
    ...(oldest.length > 0 ? { oldestReadyMs: Math.min(...oldest) } : {}),
  };
}
