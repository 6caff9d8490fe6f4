import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { partitionOf } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer, reconcileStream } from '#libs/jetstream';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import {
  dueSubject,
  executorConsumer,
  runSubject,
  startStream,
  startSubject,
  taskStreamOf,
  taskStreams,
  timerStream,
  timerSubject,
} from './layout.ts';
import { PausedQueues, readPausedQueues } from './paused-queues.ts';
import { armedTimers, startsInQueues, workInPartition } from './read-work.ts';

describe('for who only looks', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'read work spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    for (const stream of [...taskStreams(2, 1), startStream(1), timerStream(1)]) await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'TASKS_0', executorConsumer('http'));
    await reconcileConsumer(manager, 'TASKS_1', executorConsumer('http'));
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const all: Item[] = [];
    for await (const item of items) all.push(item);
    return all;
  };
  const workOf = (id: string) => collect(workInPartition(connection, partitionOf(id), 2));

  it('tasks are there while they wait, and while somebody has them in hand', async () => {
    const payload = { executionId: 'ex_1', nodeId: 'call', attempt: 1 };
    await publisher.publish(runSubject('ex_1', 'http'), JSON.stringify(payload));
    expect(await workOf('ex_1')).toEqual([{ queue: 'run.http', payload }]);
    const executor = await manager.jetstream().consumers.get(taskStreamOf('ex_1', 2), 'executor-http');
    expect((await executor.next())?.json()).toEqual(payload);
    expect(await workOf('ex_1')).toEqual([{ queue: 'run.http', payload }]);
  });

  it('timers are there while they are armed, and when they fired', async () => {
    const later = { 'Nats-Schedule': '@at 2999-01-01T00:00:00Z', 'Nats-Schedule-Target': dueSubject('ex_2') };
    await publisher.publish(timerSubject('ex_2', 'wait-1-a'), '{}', { headers: later });
    const partition = partitionOf('ex_2');
    expect(await collect(armedTimers(connection, partition))).toEqual([{ executionId: 'ex_2', timerId: 'wait-1-a' }]);
    const payload = { executionId: 'ex_2', timerId: 'timeout' };
    await publisher.publish(dueSubject('ex_2'), JSON.stringify(payload));
    await publisher.publish(dueSubject('ex_2'), 'not JSON');
    expect(await workOf('ex_2')).toEqual([
      { queue: 'due', payload },
      { queue: 'due', payload: undefined },
    ]);
  });

  it('starts are there, whichever lane and shard they wait in', async () => {
    const payload = { executionId: 'ex_3' };
    await publisher.publish(startSubject({ lane: 'low', shard: 7 }), JSON.stringify(payload));
    expect(await collect(startsInQueues(connection))).toEqual([{ queue: 'start.low.7', payload }]);
  });

  it('queues are paused that were not resumed', async () => {
    await using queues = await PausedQueues.open(connection, { replicas: 1, onFault: () => undefined });
    const said = { at: '2026-01-01T00:00:00.000Z', by: 'usr_1' };
    await queues.say('http', { ...said, paused: true });
    await queues.say('code', { ...said, paused: true });
    await queues.say('code', { ...said, paused: false });
    expect([...(await readPausedQueues(connection))]).toEqual([['http', { ...said, paused: true }]]);
  });
});
