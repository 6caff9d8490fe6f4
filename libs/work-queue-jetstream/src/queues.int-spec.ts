import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import {
  GivenBack,
  JetStreamConnection,
  JetStreamPublisher,
  reconcileConsumer,
  reconcileStream,
  WorkConsumer,
} from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import {
  executorConsumer,
  runSubject,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startStream,
  startSubject,
  taskStreams,
} from './layout.ts';
import { PausedQueues } from './paused-queues.ts';
import { readQueueStates } from './queue-states.ts';
import { WorkerReports } from './worker-reports.ts';

const AT = '2026-11-23T10:00:00.000Z';

describe('what is known of the queues', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  const noFault = (error: unknown): void => expect(error).toBeUndefined();

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'queues spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    for (const stream of [...taskStreams(1, 1), startStream(1)]) await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'TASKS_0', executorConsumer('http'));
    for (const place of START_PLACES) await reconcileConsumer(manager, START_STREAM, starterConsumer(place));
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const states = () => readQueueStates({ connection, manager }, { logStreams: 1, executors: ['http'] });
  const openPauses = () => PausedQueues.open(connection, { replicas: 1, onFault: noFault });

  it('is what lies in their streams, over all shards, and since when', async () => {
    expect([...(await states()).keys()]).toEqual(['start.high', 'start.normal', 'start.low', 'http']);
    const before = Date.now();
    for (const shard of [0, 3, 7]) await publisher.publish(startSubject({ lane: 'low', shard }), '{}');
    await publisher.publish(runSubject('ex_1', 'http'), '{}');
    const held: PromiseWithResolvers<void>[] = [];
    await using _worker = new WorkConsumer(connection, {
      stream: START_STREAM,
      consumer: starterConsumer({ lane: 'low', shard: 7 }).durable_name,
      slots: 1,
      ackWaitMs: 10_000,
      work: () => {
        const one = Promise.withResolvers<void>();
        held.push(one);
        return one.promise;
      },
      onError: noFault,
      onGone: async () => {},
    });
    await until('one is taken', () => held.length === 1);
    const found = await states();
    expect(found.get('start.low')).toMatchObject({ ready: 2, inFlight: 1, redelivered: 0 });
    expect(found.get('http')).toMatchObject({ ready: 1, inFlight: 0 });
    expect(found.get('start.high')).toEqual({ ready: 0, inFlight: 0, redelivered: 0 });
    expect(found.get('start.low')?.oldestReadyMs).toBeGreaterThan(before - 1_000);
    held[0]?.reject(new GivenBack());
    await until('it was given out again', () => held.length === 2);
    expect((await states()).get('start.low')).toMatchObject({ ready: 2, inFlight: 1, redelivered: 1 });
  });

  it('a pause and its end reach everybody who follows, and outlive them', async () => {
    await using one = await openPauses();
    await using other = await openPauses();
    let changes = 0;
    const unobserve = other.observe(() => changes++);
    await one.say('http', { paused: true, at: AT, by: 'usr_1' });
    expect(one.has('http')).toBe(true);
    await until('the other has heard', () => other.has('http'));
    expect(changes).toBe(1);
    await using later = await openPauses();
    expect([later.has('http'), later.has('start.low')]).toEqual([true, false]);
    unobserve();
    await later.say('http', { paused: false, at: AT, by: 'usr_1' });
    await until('both have heard', () => !one.has('http') && !other.has('http'));
    expect(changes).toBe(1);
  });

  it('what workers report is summed, and of one that is gone or silent nothing is left', async () => {
    let now = 0;
    await using reports = await WorkerReports.open(connection, { replicas: 1, nowMs: () => now, onFault: noFault });
    await reports.write('a', { http: { direct: 1, completed: 20, failed: 3 } });
    await reports.write('b', { http: { direct: 2, completed: 30, failed: 0 } });
    await until('both were heard', () => reports.figureOf('http').direct === 3);
    expect(reports.figureOf('http')).toEqual({ direct: 3, completed: 50, failed: 3 });
    expect(reports.figureOf('noop')).toEqual({ direct: 0, completed: 0, failed: 0 });
    await reports.withdraw('a');
    await until('it is gone', () => reports.figureOf('http').direct === 2);
    now = 10_000;
    expect(reports.figureOf('http')).toEqual({ direct: 0, completed: 0, failed: 0 });
  });
});
