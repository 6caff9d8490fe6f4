import type { Msg } from '@nats-io/nats-core';
import { LogUnavailableError, type TaskMessage, type TimerMessage } from '#libs/event-sourcing';
import { readEnvelope } from '#libs/event-store-jetstream';
import type { DeliveryInfo, JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { dueSubject, runSubject, startSubject, TIMER_STREAM, timerSubject } from './layout.ts';
import { parseTaskQueue, type RunQueue, type StartPlace, type StartQueue, type TaskQueue } from './task-queue.ts';

const PURGE_WITHIN_MS = 5_000;

/** Who may do a task right away. */
export interface Hands {
  /**
   * Begins a task: `done` when it is dealt with for good, `returned` when it has to go to the queue after all.
   * Undefined when it has to go there at once.
   */
  tryTake(queue: TaskQueue, payload: unknown): Promise<'done' | 'returned'> | undefined;
  /** Where a start waits that is not taken: the shorter of its two lines, as far as is known. */
  placeOf(queue: StartQueue): StartPlace;
  /** A task is in the queue now. */
  queued(queue: RunQueue | StartPlace): void;
}

/** Takes nothing: all goes to the queues. */
export const NO_HANDS: Hands = {
  tryTake: () => undefined,
  placeOf: ({ lane, shards: [shard] }) => ({ lane, shard }),
  queued: () => undefined,
};

/**
 * Hands out what follows from one commit: tasks to the queue, timers to the server's schedules. Message ids are made of
 * the commit's place in the log, so handing out twice is handing out once. All is acknowledged by the server, or
 * done, when it resolves; only then may the commit be acknowledged.
 */
export class Dispatcher {
  /** `hands` may do a task right away instead. */
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly hands: Hands = NO_HANDS,
  ) {}

  async dispatch(message: Msg, { sequence }: DeliveryInfo): Promise<void> {
    const { aggregateId, tasks = [], timers = [] } = readEnvelope(message.data, sequence);
    await Promise.all([
      ...tasks.map((task, index) => this.#handOut(aggregateId, task, `${aggregateId}:${sequence}:${index}`)),
      ...timers.map((timer) => this.#dispatchTimer(aggregateId, timer, sequence)),
    ]);
  }

  async #handOut(executionId: string, { queue: name, payload }: TaskMessage, messageId: string): Promise<void> {
    const queue = parseTaskQueue(name);
    const taken = this.hands.tryTake(queue, payload);
    if (taken && (await taken) === 'done') return;
    const to = queue.kind === 'run' ? queue : this.hands.placeOf(queue);
    const subject = 'executor' in to ? runSubject(executionId, to.executor) : startSubject(to);
    const published = this.publisher.publish(subject, JSON.stringify(payload), { messageId });
    this.hands.queued(to);
    await published;
  }

  #dispatchTimer(executionId: string, timer: TimerMessage, sequence: number): Promise<unknown> {
    const subject = timerSubject(executionId, timer.id);
    if (timer.kind === 'drop') return this.#drop(subject);
    return this.publisher.publish(subject, JSON.stringify({ executionId, timerId: timer.id }), {
      messageId: `${executionId}:${sequence}:${timer.id}`,
      headers: { 'Nats-Schedule': `@at ${timer.dueAt}`, 'Nats-Schedule-Target': dueSubject(executionId) },
    });
  }

  async #drop(subject: string): Promise<void> {
    this.connection.ensureConnected();
    const answer = await this.#purge(subject).catch((cause: unknown) => {
      throw new LogUnavailableError(`timer ${subject} could not be dropped`, { cause });
    });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error) throw new LogUnavailableError(`timer ${subject} could not be dropped: ${error.description}`);
  }

  #purge(filter: string): Promise<Msg> {
    return this.connection.client.request(`$JS.API.STREAM.PURGE.${TIMER_STREAM}`, JSON.stringify({ filter }), {
      timeout: PURGE_WITHIN_MS,
    });
  }
}
