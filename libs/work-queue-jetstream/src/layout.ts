import { AckPolicy, DeliverPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { partitionOf, partitionsOf, streamIndexOf, type LogStreamCount } from '#libs/event-store-jetstream';
import type { DesiredConsumer, DesiredStream } from '#libs/jetstream';

/**
 * A task is published with an id made of the commit it follows from; a second dispatch within this window is dropped by
 * the server. It covers a dispatcher's death and redelivery several times; later repeats meet a recorded result.
 */
const DUPLICATE_WINDOW_MS = 60_000;

/** How long a message may stay unanswered before another worker gets it: a dead worker's work moves within seconds. */
export const ACK_WAIT_MS = 5_000;

/** Of one consumer, over all workers; each worker's own slots are the real bound. */
const MAX_ACK_PENDING = 20_000;

export const TIMER_STREAM = 'TIMERS';

/** Streams of tasks, split like the log, so that they sync and replicate in parallel. */
export function taskStreams(count: LogStreamCount, replicas: number): readonly DesiredStream[] {
  return Array.from({ length: count }, (_, index): DesiredStream => ({
    name: taskStreamName(index),
    description: 'What is to be done now; derived from commits',
    subjects: partitionsOf(index, count).map((digit) => `tasks.${digit}.>`),
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    duplicate_window: DUPLICATE_WINDOW_MS * 1e6,
  }));
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

/** `queue` is `start.<lane>.<shard>` or `run.<executor>`. */
export function taskSubject(executionId: string, queue: string): string {
  return `tasks.${partitionOf(executionId)}.${queue}`;
}

export function timerSubject(executionId: string, timerId: string): string {
  return `timers.${partitionOf(executionId)}.${executionId}.${timerId}`;
}

export function dueSubject(executionId: string): string {
  return `due.${partitionOf(executionId)}`;
}

/** Of timers that fired. */
const DUE = 'due';

/** The queue that a task or a fired timer came from: `start.<lane>.<shard>`, `run.<executor>` or `due`. */
export function queueOf(subject: string): string {
  const [kind, , ...queue] = subject.split('.');
  return kind === DUE ? DUE : queue.join('.');
}

/** Where work of the execution goes that is to be done again. */
export function workSubject(executionId: string, queue: string): string {
  return queue === DUE ? dueSubject(executionId) : taskSubject(executionId, queue);
}

const durable = {
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ACK_WAIT_MS * 1e6,
  max_ack_pending: MAX_ACK_PENDING,
} as const;

/** Reads every commit of a log stream once and hands out what follows from it. */
export const DISPATCHER: DesiredConsumer = { ...durable, durable_name: 'dispatcher' };

/** Starts executions; one consumer for all lanes of a stream. */
export const STARTER: DesiredConsumer = { ...durable, durable_name: 'starter', filter_subject: 'tasks.*.start.>' };

/** Runs the attempts of one executor class. */
export function executorConsumer(executor: string): DesiredConsumer {
  return { ...durable, durable_name: `executor-${executor}`, filter_subject: `tasks.*.run.${executor}` };
}

export const TIMER_CONSUMER: DesiredConsumer = { ...durable, durable_name: 'timers-due', filter_subject: 'due.*' };
