import type { Msg } from '@nats-io/nats-core';
import { FOLLOW_UP_EXECUTOR, followUpSchema, START_SHARDS } from '#libs/execution-engine';
import { GivenBack, WorkConsumer, type DeliveryInfo, type DesiredConsumer } from '#libs/jetstream';
import {
  ACK_WAIT_MS,
  DISPATCHER,
  Dispatcher,
  executorConsumer,
  LANES,
  parseAttemptTask,
  parseDueTimer,
  parseStartTask,
  queueNames,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startQueueName,
  TIMER_CONSUMER,
  TIMER_STREAM,
  type DueTimer,
  type StartPlace,
  type WorkerReport,
} from '#libs/work-queue-jetstream';
import { hearEnds } from './announced-ends.ts';
import { DirectHandOver } from './direct-hand-over.ts';
import type { FailingWork } from './failing-work.ts';
import { QueueLength } from './queue-length.ts';
import { createFailingWork } from './record-internal-failure.ts';
import { RunLines } from './run-lines.ts';
import { RunLoad } from './run-load.ts';
import { ShortTimers } from './short-timers.ts';
import { StartDoor } from './start-door.ts';
import { StartLines } from './start-lines.ts';
import { WorkFigures } from './work-figures.ts';
import type { ExecutionWorkerParts } from './worker-parts.ts';

/** Commits of one log stream that are handed out at once, besides those that wait for work done here. */
const DISPATCH_SLOTS = 64;
/** Starts of one log stream that wait at the door without having been queued. */
const DIRECT_STARTS = 64;
/** Starts of one lane and shard that came from the queue and are here. */
const START_WINDOW = 16;
/** Turns of the lanes while all have somebody who waits. */
const WEIGHTS = { high: 8, normal: 4, low: 1 } as const;
const TIMER_SLOTS = 64;
/** Timers due in a moment that this process waits for itself. */
const SHORT_TIMERS = 64;
/** What follows from commits of one stream beyond their executions, done at once, and as much more from its queue. */
const FOLLOW_UP_SLOTS = 16;

type Work = (message: Msg, info: DeliveryInfo) => Promise<void>;

interface Consuming {
  readonly stream: string;
  readonly consumer: DesiredConsumer;
  readonly slots: number;
  /** Name of the queue, if people can pause it. */
  readonly queue?: string;
  readonly work: Work;
}

/**
 * The role `worker`: hands out what commits ask for, begins executions, makes attempts, fires timers. Everything it has
 * in hand is unacknowledged at the server, so when it dies another worker gets it.
 */
export class ExecutionWorker implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #consumers: WorkConsumer[] = [];
  readonly #pausable: { readonly queue: string; readonly consumer: WorkConsumer }[] = [];
  readonly #load = new RunLoad(monotonicMs);
  readonly #runs = new RunLines();
  readonly #figures: WorkFigures;
  readonly #failing: FailingWork;
  readonly #door: StartDoor;
  readonly #starts: StartLines;
  readonly #shortTimers: ShortTimers;
  #unobserve: () => void = () => undefined;
  #ends: Disposable | undefined;

  constructor(private readonly parts: ExecutionWorkerParts) {
    const { pauses, slots, clock, journal, failures } = parts;
    this.#shortTimers = new ShortTimers({ places: SHORT_TIMERS, clock, fire: (timer) => this.#fire(timer) });
    this.#failing = createFailingWork(journal, { ...failures, isStopping: () => this.#stop.signal.aborted });
    this.#figures = new WorkFigures(queueNames(Object.keys(slots)), monotonicMs);
    this.#door = new StartDoor({
      shards: START_SHARDS,
      weights: WEIGHTS,
      atOnce: () => this.#starts.atOnce,
      nowMs: monotonicMs,
      youngAttempts: () => this.#load.young,
      isFull: () => this.#load.busy + this.#runs.waiting >= this.#runs.hands,
    });
    this.#starts = new StartLines({
      door: this.#door,
      begin: (payload) => this.#begin(payload),
      isPaused: (lane) => pauses.has(startQueueName(lane)),
      figures: this.#figures,
      nowMs: monotonicMs,
    });
  }

  start(): void {
    const { connection, runner, logStreams, taskStreams, pauses } = this.parts;
    this.#ends = hearEnds(connection, (executionId) => runner.stop(executionId));
    for (const place of START_PLACES) this.#serveStarts(place);
    for (const [index, logStream] of logStreams.entries()) this.#serve(logStream, taskStreams[index] ?? '');
    this.#consume({
      stream: TIMER_STREAM,
      consumer: TIMER_CONSUMER,
      slots: TIMER_SLOTS,
      work: (message) => this.#fire(parseDueTimer(message.json())),
    });
    this.#unobserve = pauses.observe(() => this.#obeyPauses());
    this.#obeyPauses();
  }

  /** What this process knows of the queues, by their names. */
  report(): WorkerReport {
    return this.#figures.read();
  }

  /** Takes nothing new and gives what is in hand `graceMs` to end; then it is aborted and left to others. */
  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(new Error('the worker is shutting down')), graceMs);
    const drained = this.#consumers.map((consumer) => consumer.drain());
    this.#door.close();
    await Promise.all(drained);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the worker is shutting down'));
    this.#ends?.[Symbol.dispose]();
    this.#shortTimers[Symbol.dispose]();
    this.#unobserve();
    await this.#door[Symbol.asyncDispose]();
    await Promise.all(this.#consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
  }

  #consume({ stream, consumer: desired, slots, queue, work }: Consuming): WorkConsumer {
    const { connection, observer, ensureConsumer } = this.parts;
    const name = desired.durable_name;
    const consumer = new WorkConsumer(connection, {
      stream,
      consumer: name,
      slots,
      ackWaitMs: ACK_WAIT_MS,
      isSuspended: queue !== undefined && this.parts.pauses.has(queue),
      work,
      onError: (error, { sequence, deliveryCount }) =>
        observer.failed(error, { consumer: `${stream}/${name}`, sequence, deliveryCount }),
      // A commit that can't be handed out has no other way to be heard of, so only work from queues is ever given up.
      ...(desired === DISPATCHER ? {} : { afterFailure: this.#failing.on(stream) }),
      onGone: () => ensureConsumer(stream, desired),
    });
    this.#consumers.push(consumer);
    if (queue !== undefined) this.#pausable.push({ queue, consumer });
    return consumer;
  }

  #serveStarts(place: StartPlace): void {
    const consumer = this.#consume({
      stream: START_STREAM,
      consumer: starterConsumer(place),
      slots: START_WINDOW,
      queue: startQueueName(place.lane),
      work: async (message, info) => {
        if (!(await this.#starts.fromQueue(place, message.json(), info))) throw new GivenBack();
      },
    });
    this.#starts.serve(place, new QueueLength({ nowMs: monotonicMs, hasRoom: () => consumer.hasRoom }));
  }

  /** One stream of the log and the tasks that follow from it: done here while there is a hand free, else queued. */
  #serve(logStream: string, taskStream: string): void {
    const { connection, publisher, slots } = this.parts;
    const handOver = new DirectHandOver(this.#starts.directFrom(DIRECT_STARTS), this.#shortTimers);
    for (const executor of Object.keys(slots)) this.#serveRuns(handOver, executor, taskStream);
    this.#serveFollowUps(handOver, taskStream);
    const dispatcher = new Dispatcher(connection, publisher, handOver);
    // Work that failed when it was handed over directly goes to the queue, where its failures are counted.
    const queueing = new Dispatcher(connection, publisher, handOver.takingNothing());
    this.#consume({
      stream: logStream,
      consumer: DISPATCHER,
      slots: handOver.places + SHORT_TIMERS + DISPATCH_SLOTS,
      work: (message, info) => (info.deliveryCount > 1 ? queueing : dispatcher).dispatch(message, info),
    });
  }

  #serveRuns(handOver: DirectHandOver, executor: string, taskStream: string): void {
    const { slots, logStreams, pauses } = this.parts;
    const places = Math.max(1, Math.ceil((slots[executor] ?? 0) / logStreams.length / 2));
    const consumer = this.#consume({
      stream: taskStream,
      consumer: executorConsumer(executor),
      slots: places,
      queue: executor,
      work: (message, { pending }) => {
        length.saw(pending);
        return this.#attempt(message.json(), executor);
      },
    });
    const length = new QueueLength({ nowMs: monotonicMs, hasRoom: () => consumer.hasRoom });
    const line = {
      places,
      queuePlaces: places,
      length,
      isPaused: () => pauses.has(executor),
      work: (payload: unknown) => this.#attemptDirectly(payload, executor),
    };
    this.#runs.add(line);
    handOver.serve(executor, line);
  }

  /** What follows from commits is never paused, and no reason to keep executions from beginning. */
  #serveFollowUps(handOver: DirectHandOver, taskStream: string): void {
    const consumer = this.#consume({
      stream: taskStream,
      consumer: executorConsumer(FOLLOW_UP_EXECUTOR),
      slots: FOLLOW_UP_SLOTS,
      work: (message, { pending }) => {
        length.saw(pending);
        return this.#followUp(message.json());
      },
    });
    const length = new QueueLength({ nowMs: monotonicMs, hasRoom: () => consumer.hasRoom });
    handOver.serve(FOLLOW_UP_EXECUTOR, {
      places: FOLLOW_UP_SLOTS,
      length,
      isPaused: () => false,
      work: (payload) => this.#followUp(payload),
    });
  }

  /** Paused work is neither taken nor handed over; what is in hand goes on, and what waits at the door goes back. */
  #obeyPauses(): void {
    const { pauses } = this.parts;
    for (const { queue, consumer } of this.#pausable) {
      if (pauses.has(queue)) consumer.suspend();
      else consumer.resume();
    }
    for (const lane of LANES) if (pauses.has(startQueueName(lane))) this.#door.sendBack(lane);
    this.#door.look();
  }

  async #begin(payload: unknown): Promise<void> {
    await this.parts.journal.submit(parseStartTask(payload).executionId, { type: 'BeginExecution' });
  }

  async #attemptDirectly(payload: unknown, executor: string): Promise<void> {
    const ended = this.#figures.tookDirectly(executor);
    try {
      await this.#attempt(payload, executor);
    } finally {
      ended();
    }
  }

  async #attempt(payload: unknown, executor: string): Promise<void> {
    const started = performance.now();
    const ended = this.#load.began();
    try {
      const { outcome, nodeType, drifted } = await this.parts.runner.run(parseAttemptTask(payload), this.#stop.signal);
      const { observer } = this.parts;
      observer.attempted({ nodeType, executor, outcome, durationMs: performance.now() - started });
      if (drifted) observer.drifted({ nodeType, places: drifted });
      if (outcome === 'failed') this.#figures.ended(executor, 'failed');
      if (outcome === 'succeeded' || outcome === 'waiting') this.#figures.ended(executor, 'completed');
    } finally {
      ended();
      this.#door.look();
    }
  }

  async #followUp(payload: unknown): Promise<void> {
    const { executionId, ...step } = followUpSchema.parse(payload);
    await this.parts.followUps.run(executionId, step);
  }

  async #fire({ executionId, timerId }: DueTimer): Promise<void> {
    await this.parts.journal.submit(executionId, { type: 'FireTimer', timerId });
  }
}

function monotonicMs(): number {
  return performance.now();
}
