import { AckPolicy, DeliverPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { partitionOf, partitionsOf, streamIndexOf, type LogStreamCount } from '#libs/event-store-jetstream';
import { START_SHARDS } from '#libs/execution-engine';
import type { DesiredConsumer, DesiredStream } from '#libs/jetstream';
import { LANES, type Lane, type StartPlace } from './task-queue.ts';

/**
 * A task is published with an id made of the commit it follows from; a second dispatch within this window is dropped by
 * the server. It covers a dispatcher's death and redelivery several times; later repeats meet a recorded result.
 */
const DUPLICATE_WINDOW_MS = 60_000;

/** How long a message may stay unanswered before another worker gets it: a dead worker's work moves within seconds. */
export const ACK_WAIT_MS = 5_000;

/** Of one consumer, over all workers; each worker's own slots are the real bound. */
const MAX_ACK_PENDING = 20_000;

/** Who only looks at what waits reads many messages at once; nobody who works does. */
const lookedAt = { allow_direct: true } as const;

export const TIMER_STREAM = 'TIMERS';
export const START_STREAM = 'STARTS';

/** Streams of tasks, split like the log, so that they sync and replicate in parallel. */
export function taskStreams(count: LogStreamCount, replicas: number): readonly DesiredStream[] {
  return Array.from({ length: count }, (_, index): DesiredStream => ({
    name: taskStreamName(index),
    description: 'Attempts that are to be made now; derived from commits',
    subjects: partitionsOf(index, count).map((digit) => `tasks.${digit}.>`),
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    ...lookedAt,
    duplicate_window: DUPLICATE_WINDOW_MS * 1e6,
  }));
}

/**
 * Executions that were accepted and have not begun: the only queue that may grow long. Apart from the tasks, so that its
 * many consumers exist once, and in one stream, as each workspace's place in it has nothing to do with the log's split.
 */
export function startStream(replicas: number): DesiredStream {
  return {
    name: START_STREAM,
    description: 'Executions that wait to be begun; derived from commits',
    subjects: ['starts.*.*'],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    ...lookedAt,
    duplicate_window: DUPLICATE_WINDOW_MS * 1e6,
  };
}

/**
 * Armed timers and those that fired. A work queue, so that a fired timer leaves with its acknowledgement; nobody
 * consumes the armed ones. Only the engine may publish here: a schedule's target is not held against permissions.
 */
export function timerStream(replicas: number): DesiredStream {
  return {
    name: TIMER_STREAM,
    description: 'Wake-ups of executions: message schedules, and those that fired',
    subjects: ['timers.>', 'due.*'],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    ...lookedAt,
    allow_msg_schedules: true,
    duplicate_window: DUPLICATE_WINDOW_MS * 1e6,
  };
}

export function taskStreamName(index: number): string {
  return `TASKS_${index}`;
}

export function taskStreamNames(count: LogStreamCount): readonly string[] {
  return Array.from({ length: count }, (_, index) => taskStreamName(index));
}

export function taskStreamOf(executionId: string, count: LogStreamCount): string {
  return taskStreamName(streamIndexOf(partitionOf(executionId), count));
}

export function runSubject(executionId: string, executor: string): string {
  return `tasks.${partitionOf(executionId)}.run.${executor}`;
}

/** The attempts of an executor class in all partitions. */
export function runFilter(executor: string): string {
  return `tasks.*.run.${executor}`;
}

export function startSubject({ lane, shard }: StartPlace): string {
  return `starts.${lane}.${shard}`;
}

export function timerSubject(executionId: string, timerId: string): string {
  return `timers.${partitionOf(executionId)}.${executionId}.${timerId}`;
}

export function dueSubject(executionId: string): string {
  return `due.${partitionOf(executionId)}`;
}

/** The armed timers of a partition. */
export function armedFilter(partition: string): string {
  return `timers.${partition}.*.*`;
}

/** Tasks and fired timers of a partition, by the stream that they lie in. */
export function workFilters(
  partition: string,
  count: LogStreamCount,
): readonly { readonly stream: string; readonly filter: string }[] {
  return [
    { stream: taskStreamName(streamIndexOf(partition, count)), filter: `tasks.${partition}.run.*` },
    { stream: TIMER_STREAM, filter: `due.${partition}` },
  ];
}

/** Of timers that fired. */
const DUE = 'due';
/** What subjects of starts begin with. */
const STARTS = 'starts';

/** The queue that a task or a fired timer came from: `start.<lane>.<shard>`, `run.<executor>` or `due`. */
export function queueOf(subject: string): string {
  const [kind, first, ...rest] = subject.split('.');
  if (kind === DUE) return DUE;
  return kind === STARTS ? ['start', first, ...rest].join('.') : rest.join('.');
}

/** Where work of the execution goes that is to be done again; `queue` is one that `queueOf` gives. */
export function workSubject(executionId: string, queue: string): string {
  if (queue === DUE) return dueSubject(executionId);
  const [kind, first = '', ...rest] = queue.split('.');
  return kind === 'start' ? [STARTS, first, ...rest].join('.') : runSubject(executionId, first);
}

const durable = {
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ACK_WAIT_MS * 1e6,
  max_ack_pending: MAX_ACK_PENDING,
} as const;

/** Reads every commit of a log stream once and hands out what follows from it. */
export const DISPATCHER: DesiredConsumer = { ...durable, durable_name: 'dispatcher' };

/** Every lane and shard: the places where starts wait. */
export const START_PLACES: readonly StartPlace[] = LANES.flatMap((lane: Lane) =>
  Array.from({ length: START_SHARDS }, (_, shard) => ({ lane, shard })),
);

/** Begins the executions that wait in one place. */
export function starterConsumer(place: StartPlace): DesiredConsumer {
  return { ...durable, durable_name: `starter-${place.lane}-${place.shard}`, filter_subject: startSubject(place) };
}

/** What people call the queue that a consumer takes from: an executor class, `start.<lane>`, or its own name. */
export function queueOfConsumer(name: string): string {
  const [kind, first = ''] = name.split('-');
  if (kind === 'executor') return name.slice('executor-'.length);
  return kind === 'starter' ? `start.${first}` : name;
}

/** Runs the attempts of one executor class. */
export function executorConsumer(executor: string): DesiredConsumer {
  return { ...durable, durable_name: `executor-${executor}`, filter_subject: runFilter(executor) };
}

export const TIMER_CONSUMER: DesiredConsumer = { ...durable, durable_name: 'timers-due', filter_subject: 'due.*' };
