import type { Clock } from '#libs/kernel';
import type { DesiredConsumer, JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { AttemptOutcome } from './attempt.ts';
import type { AttemptRunner } from './attempt-runner.ts';
import type { FailingWorkParts } from './failing-work.ts';
import type { FollowUps } from './follow-ups.ts';
import type { ExecutionJournal } from './journal.ts';

/** Told what the worker does; for metrics and logs. */
export interface WorkerObserver {
  attempted(attempt: { nodeType: string; executor: string; outcome: AttemptOutcome; durationMs: number }): void;
  /** Answers of an attempt were not as its node type knows them, in so many places. */
  drifted(answers: { nodeType: string; places: number }): void;
  failed(error: unknown, what: { consumer: string; sequence: number; deliveryCount: number }): void;
}

/** Which queues are paused at the moment, by name. */
export interface Pauses {
  has(queue: string): boolean;
  /** Calls back when that has changed; returns the end of it. */
  observe(changed: () => void): () => void;
}

export interface ExecutionWorkerParts {
  readonly connection: JetStreamConnection;
  readonly publisher: JetStreamPublisher;
  readonly journal: ExecutionJournal;
  readonly runner: AttemptRunner;
  readonly followUps: FollowUps;
  readonly observer: WorkerObserver;
  readonly clock: Clock;
  readonly pauses: Pauses;
  /** What work that fails is held against, and where it goes when it fails by a bug again and again. */
  readonly failures: Pick<FailingWorkParts, 'isAway' | 'poison'>;
  readonly logStreams: readonly string[];
  /** In the order of the log streams whose tasks they hold. */
  readonly taskStreams: readonly string[];
  /** Attempts of each executor class that this process makes at once: half as work comes, half from the queue. */
  readonly slots: Readonly<Record<string, number>>;
  /** Makes a consumer again that the server lost. */
  readonly ensureConsumer: (stream: string, consumer: DesiredConsumer) => Promise<void>;
}
