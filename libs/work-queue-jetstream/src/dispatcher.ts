import type { Msg } from '@nats-io/nats-core';
import { LogUnavailableError, type TimerMessage } from '#libs/event-sourcing';
import { readEnvelope } from '#libs/event-store-jetstream';
import type { DeliveryInfo, JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { dueSubject, taskSubject, TIMER_STREAM, timerSubject } from './layout.ts';

const PURGE_WITHIN_MS = 5_000;

/** Begins a task and resolves when it is dealt with for good; undefined when it has to go to the queue. */
export type TryTake = (queue: string, payload: unknown) => Promise<void> | undefined;

/**
 * Hands out what follows from one commit: tasks to the queue, timers to the server's schedules. Message ids are made of
 * the commit's place in the log, so handing out twice is handing out once. All is acknowledged by the server, or
 * done, when it resolves; only then may the commit be acknowledged.
 */
export class Dispatcher {
  /** `tryTake` may do a task right away instead, see TryTake. */
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly tryTake: TryTake = () => undefined,
  ) {}

  async dispatch(message: Msg, { sequence }: DeliveryInfo): Promise<void> {
    const { aggregateId, tasks = [], timers = [] } = readEnvelope(message.data, sequence);
    await Promise.all([
      ...tasks.map(
        ({ queue, payload }, index) =>
          this.tryTake(queue, payload) ??
          this.publisher.publish(taskSubject(aggregateId, queue), JSON.stringify(payload), {
            messageId: `${aggregateId}:${sequence}:${index}`,
          }),
      ),
      ...timers.map((timer) => this.#dispatchTimer(aggregateId, timer, sequence)),
    ]);
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
