import type { Priority } from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';

/** The most urgent first. */
export const LANES = ['high', 'normal', 'low'] as const satisfies readonly Priority[];
export type Lane = (typeof LANES)[number];

/** Where a start waits. */
export interface StartPlace {
  readonly lane: Lane;
  readonly shard: number;
}

/** A commit's start task: it waits in one of two shards. */
export interface StartQueue {
  readonly kind: 'start';
  readonly lane: Lane;
  readonly shards: readonly [number, number];
}

/** A commit's task for the workers of an executor class. */
export interface RunQueue {
  readonly kind: 'run';
  readonly executor: string;
}

export type TaskQueue = StartQueue | RunQueue;

/** Of a commit's queue name: `start.<lane>.<shard>.<shard>` or `run.<executor>`. */
export function parseTaskQueue(name: string): TaskQueue {
  const [kind, first = '', one, other] = name.split('.');
  if (kind === 'run' && first !== '') return { kind, executor: first };
  const lane = LANES.find((known) => known === first);
  const shards = [Number(one), Number(other)] as const;
  if (kind === 'start' && lane && shards.every(Number.isSafeInteger)) return { kind, lane, shards };
  throw new InvariantError(`not a queue of this version: ${name}`);
}

/** What people call a queue: `start.<lane>`, or the executor class. */
export function queueNameOf(queue: TaskQueue | StartPlace): string {
  return 'executor' in queue ? queue.executor : startQueueName(queue.lane);
}

export function startQueueName(lane: Lane): string {
  return `start.${lane}`;
}

/** The names of all queues of an installation with these executor classes. */
export function queueNames(executors: readonly string[]): readonly string[] {
  return [...LANES.map(startQueueName), ...executors];
}
