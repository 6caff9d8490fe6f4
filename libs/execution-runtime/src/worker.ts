import type { Msg, Subscription } from '@nats-io/nats-core';
import {
  WorkConsumer,
  type WorkConsumerOptions,
  type DesiredConsumer,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import {
  ACK_WAIT_MS,
  DISPATCHER,
  Dispatcher,
  executorConsumer,
  parseAttemptTask,
  parseDueTimer,
  parseStartTask,
  queueOf,
  STARTER,
  TIMER_CONSUMER,
  TIMER_STREAM,
} from '#libs/work-queue-jetstream';
import { FOLLOW_UP_EXECUTOR, followUpSchema } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import type { AttemptOutcome } from './attempt.ts';
import type { AttemptRunner } from './attempt-runner.ts';
import { DirectHandOver, type TaskWork } from './direct-hand-over.ts';
import { FailingWork, type PoisonedWork } from './failing-work.ts';
import type { FollowUps } from './follow-ups.ts';
import type { ExecutionJournal } from './journal.ts';
import { recordInternalFailure } from './record-internal-failure.ts';

/** Told what the worker does; for metrics and logs. */
export interface WorkerObserver {
  attempted(attempt: { nodeType: string; executor: string; outcome: AttemptOutcome; durationMs: number }): void;
  failed(error: unknown, what: { consumer: string; sequence: number; deliveryCount: number }): void;
}

export interface ExecutionWorkerParts {
  readonly connection: JetStreamConnection;
  readonly publisher: JetStreamPublisher;
  readonly journal: ExecutionJournal;
  readonly runner: AttemptRunner;
  readonly followUps: FollowUps;
  readonly observer: WorkerObserver;
  /** Where work goes that fails by a bug again and again. */
  readonly poison: PoisonedWork;
  /** Whether the error tells that something was away, and work that met it must come again for ever. */
  readonly isAway: (error: unknown) => boolean;
  readonly logStreams: readonly string[];
  /** In the order of the log streams whose tasks they hold. */
  readonly taskStreams: readonly string[];
  /** Attempts of each executor class that this process makes at once: half as work comes, half from the queue. */
  readonly slots: Readonly<Record<string, number>>;
  /** Makes a consumer again that the server lost. */
  readonly ensureConsumer: (stream: string, consumer: DesiredConsumer) => Promise<void>;
}

/** Commits of one log stream that are handed out at once, besides those that wait for work done here. */
const DISPATCH_SLOTS = 64;
/** Starts of one stream that are decided at once, and as many more from its queue. */
const START_SLOTS = 32;
const TIMER_SLOTS = 64;
/** What follows from commits of one stream beyond their executions, done at once, and as much more from its queue. */
const FOLLOW_UP_SLOTS = 16;

/** By core NATS, to all workers: an execution is over, and its attempts are to stop. Whoever misses it works in vain. */
const STOP_SUBJECT = 'stop';
export const stopSubjectOf = (executionId: string): string => `${STOP_SUBJECT}.${executionId}`;

/**
 * The role `worker`: hands out what commits ask for, begins executions, makes attempts, fires timers. Everything it has
 * in hand is unacknowledged at the server, so when it dies another worker gets it.
 */
export class ExecutionWorker implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #consumers: WorkConsumer[] = [];
  readonly #failing: FailingWork;
  #stops: Subscription | undefined;

  constructor(private readonly parts: ExecutionWorkerParts) {
    const { journal, poison, isAway } = parts;
    this.#failing = new FailingWork({
      isAway,
      isStopping: () => this.#stop.signal.aborted,
      recordFailure: (work) => recordInternalFailure(journal, work),
      poison,
    });
  }

  start(): void {
    const { connection, runner, logStreams, taskStreams } = this.parts;
    for (const [index, logStream] of logStreams.entries()) this.#serve(logStream, taskStreams[index] ?? '');
    this.#stops = connection.client.subscribe(`${STOP_SUBJECT}.*`, {
      callback: (_error, message) => runner.stop(message.subject.slice(STOP_SUBJECT.length + 1)),
    });
    this.#consume(TIMER_STREAM, TIMER_CONSUMER, {
      slots: TIMER_SLOTS,
      work: (message) => this.#fire(message.json()),
      afterFailure: this.#afterFailure(TIMER_STREAM),
    });
  }

  /** Takes nothing new and gives what is in hand `graceMs` to end; then it is aborted and left to others. */
  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(new Error('the worker is shutting down')), graceMs);
    await Promise.all(this.#consumers.map((consumer) => consumer.drain()));
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the worker is shutting down'));
    if (this.#stops && !this.#stops.isClosed()) this.#stops.unsubscribe();
    await Promise.all(this.#consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
  }

  #consume(
    stream: string,
    consumer: DesiredConsumer,
    how: Pick<WorkConsumerOptions, 'slots' | 'work' | 'afterFailure'>,
  ): void {
    const { connection, observer, ensureConsumer } = this.parts;
    const name = consumer.durable_name;
    this.#consumers.push(
      new WorkConsumer(connection, {
        stream,
        consumer: name,
        ackWaitMs: ACK_WAIT_MS,
        ...how,
        onError: (error, { sequence, deliveryCount }) =>
          observer.failed(error, { consumer: `${stream}/${name}`, sequence, deliveryCount }),
        onGone: () => ensureConsumer(stream, consumer),
      }),
    );
  }

  /** A commit that can't be handed out has no other way to be heard of, so only work from queues is ever given up. */
  #afterFailure(stream: string): WorkConsumerOptions['afterFailure'] {
    return (error, message, { sequence, deliveryCount }) =>
      this.#failing.after(error, {
        stream,
        sequence,
        deliveries: deliveryCount,
        queue: queueOf(message.subject),
        payload: payloadOf(message),
      });
  }

  /** One stream of the log and the tasks that follow from it: done here while there is a hand free, else queued. */
  #serve(logStream: string, taskStream: string): void {
    const { connection, publisher, slots, logStreams } = this.parts;
    const handOver = new DirectHandOver();
    const line = (name: string, consumer: DesiredConsumer, places: number, work: TaskWork): void => {
      handOver.serve(name, places, work);
      this.#consume(taskStream, consumer, {
        slots: places,
        work: (message, { pending }) => {
          handOver.sawQueue(name, pending);
          return work(message.json());
        },
        afterFailure: this.#afterFailure(taskStream),
      });
    };
    line('start', STARTER, START_SLOTS, (payload) => this.#begin(payload));
    for (const [executor, count] of Object.entries(slots)) {
      const share = Math.max(1, Math.ceil(count / logStreams.length / 2));
      line(`run.${executor}`, executorConsumer(executor), share, (payload) => this.#attempt(payload, executor));
    }
    line(`run.${FOLLOW_UP_EXECUTOR}`, executorConsumer(FOLLOW_UP_EXECUTOR), FOLLOW_UP_SLOTS, (payload) =>
      this.#followUp(payload),
    );
    const dispatcher = new Dispatcher(connection, publisher, (queue, payload) => handOver.tryTake(queue, payload));
    // Work that failed when it was handed over directly goes to the queue, where its failures are counted.
    const queueing = new Dispatcher(connection, publisher);
    this.#consume(logStream, DISPATCHER, {
      slots: handOver.places + DISPATCH_SLOTS,
      work: (message, info) => (info.deliveryCount > 1 ? queueing : dispatcher).dispatch(message, info),
    });
  }

  async #begin(payload: unknown): Promise<void> {
    await this.parts.journal.submit(parseStartTask(payload).executionId, { type: 'BeginExecution' });
  }

  async #attempt(payload: unknown, executor: string): Promise<void> {
    const started = performance.now();
    const { outcome, nodeType } = await this.parts.runner.run(parseAttemptTask(payload), this.#stop.signal);
    this.parts.observer.attempted({ nodeType, executor, outcome, durationMs: performance.now() - started });
  }

  async #followUp(payload: unknown): Promise<void> {
    const { executionId, ...step } = followUpSchema.parse(payload);
    await this.parts.followUps.run(executionId, step);
  }

  async #fire(payload: unknown): Promise<void> {
    const { executionId, timerId } = parseDueTimer(payload);
    await this.parts.journal.submit(executionId, { type: 'FireTimer', timerId });
  }
}

/** Read once more, for what may not even be JSON. */
function payloadOf(message: Msg): JsonValue {
  try {
    return message.json<JsonValue>();
  } catch {
    return message.string();
  }
}
