import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { DesiredStream } from '#libs/jetstream';

/** Where histories of one kind of aggregate lie: their streams, and the one literal subject of each aggregate. */
export interface LogLayout {
  readonly streams: readonly DesiredStream[];
  streamOf(aggregateId: string): string;
  subjectOf(aggregateId: string): string;
}

export const LOG_STREAM_COUNTS = [1, 2, 4, 8, 16] as const;
export type LogStreamCount = (typeof LOG_STREAM_COUNTS)[number];

/** Metadata of each log stream: into how many the log is split. */
export const LOG_SPLIT = 'millrace_log_split';

const DIGITS = 16;

/** One hex digit, evenly spread over ids: which part of the log an execution belongs to. FNV-1a over the id. */
export function partitionOf(executionId: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < executionId.length; index++) {
    hash = Math.imul(hash ^ executionId.charCodeAt(index), 0x01000193);
  }
  return (((hash ^ (hash >>> 15)) >>> 0) % DIGITS).toString(16);
}

/** Index of the stream that owns the partition's digit: neighbours lie together. */
export function streamIndexOf(partition: string, count: LogStreamCount): number {
  return Math.floor((parseInt(partition, 16) * count) / DIGITS);
}

/** The digits that a stream owns. */
export function partitionsOf(index: number, count: LogStreamCount): readonly string[] {
  return Array.from({ length: DIGITS }, (_, digit) => digit.toString(16)).filter(
    (digit) => streamIndexOf(digit, count) === index,
  );
}

const limits = { retention: RetentionPolicy.Limits, storage: StorageType.File, allow_direct: true } as const;

export function executionLog(count: LogStreamCount, replicas: number): LogLayout {
  const streams = Array.from({ length: count }, (_, index): DesiredStream => ({
    ...limits,
    name: `EXECUTIONS_${index}`,
    description: 'Execution histories: one message is one commit',
    subjects: partitionsOf(index, count).map((digit) => `executions.${digit}.*`),
    num_replicas: replicas,
    metadata: { [LOG_SPLIT]: String(count) },
    // Who waits for an execution, or watches it, hears of a commit here, whichever process made it.
    republish: { src: 'executions.>', dest: 'live.executions.>' },
  }));
  return {
    streams,
    streamOf: (id) => logStreamOf(partitionOf(id), count),
    subjectOf: (id) => `executions.${partitionOf(id)}.${id}`,
  };
}

/** The stream that a partition's histories lie in. */
export function logStreamOf(partition: string, count: LogStreamCount): string {
  return `EXECUTIONS_${streamIndexOf(partition, count)}`;
}

/** All histories of a partition. */
export function partitionFilter(partition: string): string {
  return `executions.${partition}.*`;
}

/** Of a subject of a log. */
export function aggregateIdIn(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/** Subject on which an execution's commits are republished to whoever listens. */
export function liveSubjectOf(executionId: string): string {
  return `live.executions.${partitionOf(executionId)}.${executionId}`;
}

/**
 * Commits of one schedule that are kept. One that fires each minute has them for a month, one that fires each hour for
 * years; what is older goes, and its executions stay.
 */
export const SCHEDULE_COMMITS_KEPT = 50_000;

export function scheduleLog(count: LogStreamCount, replicas: number): LogLayout {
  const streams = Array.from({ length: count }, (_, index): DesiredStream => ({
    ...limits,
    name: `SCHEDULES_${index}`,
    description: 'Schedule histories: armed, paused, and what came of each slot',
    subjects: partitionsOf(index, count).map((digit) => `schedules.${digit}.*`),
    max_msgs_per_subject: SCHEDULE_COMMITS_KEPT,
    num_replicas: replicas,
  }));
  return {
    streams,
    streamOf: (id) => `SCHEDULES_${streamIndexOf(partitionOf(id), count)}`,
    subjectOf: (id) => `schedules.${partitionOf(id)}.${id}`,
  };
}

export function workflowLog(replicas: number): LogLayout {
  return {
    streams: [
      {
        ...limits,
        name: 'WORKFLOWS',
        description: 'Workflow histories: created, version published, activated',
        subjects: ['workflows.*'],
        num_replicas: replicas,
      },
    ],
    streamOf: () => 'WORKFLOWS',
    subjectOf: (id) => `workflows.${id}`,
  };
}
