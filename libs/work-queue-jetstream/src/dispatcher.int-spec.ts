import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { z } from 'zod';
import {
  LogUnavailableError,
  type Commit,
  type DomainEvent,
  type TaskMessage,
  type TimerMessage,
} from '#libs/event-sourcing';
import { createCommitCodec, executionLog, JetStreamEventStore } from '#libs/event-store-jetstream';
import {
  JetStreamConnection,
  JetStreamPublisher,
  reconcileConsumer,
  reconcileStream,
  WorkConsumer,
  type DeliveryInfo,
  type DesiredConsumer,
} from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { InvariantError } from '#libs/kernel';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { Dispatcher, NO_HANDS } from './dispatcher.ts';
import {
  DISPATCHER,
  executorConsumer,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startStream,
  taskStreamOf,
  taskStreams,
  TIMER_CONSUMER,
  TIMER_STREAM,
  timerStream,
} from './layout.ts';
import { parseAttemptTask, parseDueTimer, parseStartTask } from './messages.ts';

type Noted = DomainEvent<'Noted', object>;
const codec = createCommitCodec<Noted>(z.object({ type: z.literal('Noted'), data: z.object({}) }));

describe('Dispatcher', () => {
  const layout = executionLog(1, 1);
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let store: JetStreamEventStore<Noted>;
  let dispatcher: Dispatcher;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'dispatcher spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    for (const stream of [...layout.streams, ...taskStreams(1, 1), startStream(1), timerStream(1)])
      await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'EXECUTIONS_0', DISPATCHER);
    for (const executor of ['http', 'engine']) await reconcileConsumer(manager, 'TASKS_0', executorConsumer(executor));
    for (const place of START_PLACES) await reconcileConsumer(manager, START_STREAM, starterConsumer(place));
    await reconcileConsumer(manager, TIMER_STREAM, TIMER_CONSUMER);
    store = new JetStreamEventStore({ connection, publisher, layout, codec });
    dispatcher = new Dispatcher(connection, publisher);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    for (const name of ['EXECUTIONS_0', 'TASKS_0', START_STREAM, TIMER_STREAM]) await manager.streams.purge(name);
  });

  const newId = (): string => `ex_${randomUUID()}`;
  const commitOf = (id: string, follow: { tasks?: TaskMessage[]; timers?: TimerMessage[] }): Commit<Noted> => ({
    id: randomUUID(),
    aggregateId: id,
    firstVersion: 1,
    at: '2026-11-23T10:00:00.000Z',
    events: [{ type: 'Noted', data: {} }],
    ...follow,
  });
  /** Works on a consumer and keeps what came, each message acknowledged. */
  const collect = (stream: string, { durable_name: consumer }: DesiredConsumer) => {
    const taken: { message: Msg; info: DeliveryInfo; atMs: number }[] = [];
    const worker = new WorkConsumer(connection, {
      stream,
      consumer,
      slots: 100,
      ackWaitMs: 10_000,
      work: async (message, info) => void taken.push({ message, info, atMs: Date.now() }),
      onError: (error) => expect(error).toBeUndefined(),
      onGone: async () => {},
    });
    return { taken, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() };
  };
  /** Appends the commit and takes it from the log, as a dispatcher gets it. */
  const logged = async (commit: Commit<Noted>): Promise<[Msg, DeliveryInfo]> => {
    const last = await store.readLast(commit.aggregateId);
    await store.append({ ...commit, firstVersion: last ? last.firstVersion + 1 : 1 }, last?.sequence ?? 0);
    await using log = collect('EXECUTIONS_0', DISPATCHER);
    await until('it is in the log', () => log.taken.length === 1);
    return [log.taken[0]!.message, log.taken[0]!.info];
  };
  const messagesOf = async (stream: string): Promise<number> => (await manager.streams.info(stream)).state.messages;
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it('hands each task to the consumer of its queue', async () => {
    const id = newId();
    const attempt = { executionId: id, nodeId: 'call', attempt: 1 };
    const tasks = [
      { queue: 'start.high.3.9', payload: { executionId: id } },
      { queue: 'run.http', payload: attempt },
      { queue: 'run.engine', payload: { ...attempt, nodeId: 'other' } },
    ];
    await dispatcher.dispatch(...(await logged(commitOf(id, { tasks }))));
    expect(taskStreamOf(id, 1)).toBe('TASKS_0');
    await using starts = collect(START_STREAM, starterConsumer({ lane: 'high', shard: 3 }));
    await using calls = collect('TASKS_0', executorConsumer('http'));
    await using others = collect('TASKS_0', executorConsumer('engine'));
    await until('all came', () => starts.taken.length + calls.taken.length + others.taken.length === 3);
    expect(starts.taken.map(({ message }) => parseStartTask(message.json()))).toEqual([{ executionId: id }]);
    expect(calls.taken.map(({ message }) => parseAttemptTask(message.json()))).toEqual([attempt]);
    expect(others.taken.map(({ message }) => parseAttemptTask(message.json()).nodeId)).toEqual(['other']);
    await until('done tasks are gone', async () => (await messagesOf('TASKS_0')) === 0);
  });

  it('makes one task of a commit that is dispatched twice, also when the first is done already', async () => {
    const id = newId();
    const task = { queue: 'run.http', payload: { executionId: id, nodeId: 'a', attempt: 1 } };
    const commit = await logged(commitOf(id, { tasks: [task, task] }));
    await dispatcher.dispatch(...commit);
    await dispatcher.dispatch(...commit);
    expect(await messagesOf('TASKS_0')).toBe(2);
    await using calls = collect('TASKS_0', executorConsumer('http'));
    await until('both are done', async () => (await messagesOf('TASKS_0')) === 0);
    await dispatcher.dispatch(...commit);
    expect(await messagesOf('TASKS_0')).toBe(0);
    expect(calls.taken).toHaveLength(2);
  });

  it('does nothing for a commit from which nothing follows', async () => {
    await dispatcher.dispatch(...(await logged(commitOf(newId(), {}))));
    expect(await messagesOf('TASKS_0')).toBe(0);
    expect(await messagesOf(TIMER_STREAM)).toBe(0);
  });

  it('lets a task be taken right away, and then it is not queued', async () => {
    const id = newId();
    const tasks = ['run.http', 'run.engine'].map((queue) => ({ queue, payload: { executionId: id } }));
    const taken: unknown[] = [];
    const handing = new Dispatcher(connection, publisher, {
      ...NO_HANDS,
      tryTake: (queue, payload) =>
        queue.kind === 'run' && queue.executor === 'http'
          ? Promise.resolve('done' as const).finally(() => taken.push(payload))
          : undefined,
    });
    await handing.dispatch(...(await logged(commitOf(id, { tasks }))));
    expect(taken).toEqual([{ executionId: id }]);
    expect(await messagesOf('TASKS_0')).toBe(1);
  });

  it('queues a start that was taken and given back, in the shorter of its lines, and says so', async () => {
    const id = newId();
    const task = { queue: 'start.low.2.7', payload: { executionId: id } };
    const queued: unknown[] = [];
    const handing = new Dispatcher(connection, publisher, {
      tryTake: () => Promise.resolve('returned'),
      placeOf: ({ lane, shards: [, shard] }) => ({ lane, shard }),
      queued: (queue) => queued.push(queue),
    });
    await handing.dispatch(...(await logged(commitOf(id, { tasks: [task] }))));
    await using starts = collect(START_STREAM, starterConsumer({ lane: 'low', shard: 7 }));
    await until('it came', () => starts.taken.length === 1);
    expect(queued).toEqual([{ lane: 'low', shard: 7 }]);
  });

  it('refuses what is not a commit', async () => {
    const sequence = await publisher.publish(layout.subjectOf('ex_foreign'), 'not a commit');
    await using log = collect('EXECUTIONS_0', DISPATCHER);
    await until('it is in the log', () => log.taken.length === 1);
    const { message, info } = log.taken[0]!;
    await expect(dispatcher.dispatch(message, info)).rejects.toThrow(InvariantError);
    await expect(dispatcher.dispatch(message, info)).rejects.toThrow(new RegExp(String(sequence)));
  });

  it('does not resolve before everything is acknowledged, and hears of each that is not', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using impatient = new JetStreamPublisher(behind, { ackTimeoutMs: 200 });
    const id = newId();
    const tasks = Array.from({ length: 5 }, () => ({ queue: 'run.http', payload: { executionId: id } }));
    const timers: TimerMessage[] = [{ kind: 'drop', id: 'a' }];
    const commit = await logged(commitOf(id, { tasks, timers }));
    proxy.hold();
    const dispatched = expect(new Dispatcher(behind, impatient).dispatch(...commit)).rejects.toThrow(
      LogUnavailableError,
    );
    await until('nobody waits any more', () => impatient.unacknowledged === 0);
    proxy.cut({ refusing: true });
    await dispatched;
    await until('it is away', () => !behind.connected);
    await expect(new Dispatcher(behind, impatient).dispatch(...commit)).rejects.toThrow(LogUnavailableError);
  });

  describe('timers', () => {
    it('fire once, with their execution, and never before their time', async () => {
      await using due = collect(TIMER_STREAM, TIMER_CONSUMER);
      const id = newId();
      const dueAts = [-1000, 0, 50, 400, 700].map(inMs);
      const timers = dueAts.map((dueAt, index): TimerMessage => ({ kind: 'arm', id: `retry-${index}-n`, dueAt }));
      const commit = await logged(commitOf(id, { timers }));
      await dispatcher.dispatch(...commit);
      await dispatcher.dispatch(...commit);
      await until('all fired', () => due.taken.length >= 5);
      const fired = due.taken.map(({ message, atMs }) => ({ ...parseDueTimer(message.json()), atMs }));
      expect(fired.map((timer) => timer.executionId)).toEqual(fired.map(() => id));
      expect(fired.map((timer) => timer.timerId).toSorted()).toEqual(timers.map((timer) => timer.id));
      for (const { timerId, atMs } of fired) {
        const dueAt = dueAts[Number(timerId.split('-')[1])]!;
        expect(atMs).toBeGreaterThanOrEqual(Date.parse(dueAt));
      }
      await until('fired ones leave with their acknowledgement', async () => (await messagesOf(TIMER_STREAM)) === 0);
    });

    it('that were dropped do not fire', async () => {
      await using due = collect(TIMER_STREAM, TIMER_CONSUMER);
      const id = newId();
      const arm = (timer: string): TimerMessage => ({ kind: 'arm', id: timer, dueAt: inMs(500) });
      await dispatcher.dispatch(...(await logged(commitOf(id, { timers: [arm('dropped'), arm('kept')] }))));
      expect(await messagesOf(TIMER_STREAM)).toBe(2);
      await dispatcher.dispatch(...(await logged(commitOf(id, { timers: [{ kind: 'drop', id: 'dropped' }] }))));
      await dispatcher.dispatch(...(await logged(commitOf(id, { timers: [arm('last')] }))));
      await until('the last fired', () =>
        due.taken.some(({ message }) => parseDueTimer(message.json()).timerId === 'last'),
      );
      expect(due.taken.map(({ message }) => parseDueTimer(message.json()).timerId)).toEqual(['kept', 'last']);
    });

    it('that were dropped before they were armed do no harm', async () => {
      const timers: TimerMessage[] = [{ kind: 'drop', id: 'unknown' }];
      await dispatcher.dispatch(...(await logged(commitOf(newId(), { timers }))));
      expect(await messagesOf(TIMER_STREAM)).toBe(0);
    });

    it.each(['kill', 'stop'] as const)(
      'that are armed survive a %s of the server, also those due meanwhile',
      async (how) => {
        const id = newId();
        const began = Date.now();
        const timers = [50, 1500].map((ms): TimerMessage => ({ kind: 'arm', id: `in-${ms}`, dueAt: inMs(ms) }));
        const commit = await logged(commitOf(id, { timers }));
        await dispatcher.dispatch(...commit);
        await nats[how]();
        await until('the first is due', () => Date.now() > began + 100);
        await nats.start();
        expect(await connection.backWithin(10_000)).toBe(true);
        await using due = collect(TIMER_STREAM, TIMER_CONSUMER);
        await until('both fired', () => due.taken.length === 2);
        expect(due.taken.map(({ message }) => parseDueTimer(message.json()).timerId)).toEqual(['in-50', 'in-1500']);
        expect(due.taken[1]!.atMs).toBeGreaterThanOrEqual(began + 1500);
        await until('both are gone', async () => (await messagesOf(TIMER_STREAM)) === 0);
      },
    );
  });
});
