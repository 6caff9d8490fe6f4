import { AckPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { Batches } from './batches.ts';

describe('Batches', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let ended: AbortController;
  let batches: Batches;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'batches spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(async () => {
    await manager.streams.add({ name: 'LOG', subjects: ['log.*'] });
    await manager.consumers.add('LOG', { durable_name: 'c', ack_policy: AckPolicy.None });
    ended = new AbortController();
    batches = new Batches(connection, { stream: 'LOG', consumer: 'c', signal: ended.signal });
    await until('it asked', async () => (await manager.consumers.info('LOG', 'c')).num_waiting === 1);
  });
  afterEach(async () => {
    await batches[Symbol.asyncDispose]();
    await manager.streams.delete('LOG');
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const publish = (total: number): Promise<number[]> =>
    Promise.all(Array.from({ length: total }, (_, index) => publisher.publish('log.n', String(index))));

  it('gives what came in a moment together, in the sizes asked for', async () => {
    await publish(5);
    expect((await batches.next(3)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect((await batches.next(3)).map(({ sequence }) => sequence)).toEqual([4, 5]);
  });

  it('rejects when a message of the consumer was missed, and takes nothing after it', async () => {
    // Somebody else gets the second one: waiting pulls are served in turn.
    const stolen: string[] = [];
    connection.client.subscribe('elsewhere', { callback: (_error, message) => void stolen.push(message.string()) });
    connection.client.publish('$JS.API.CONSUMER.MSG.NEXT.LOG.c', '1', { reply: 'elsewhere' });
    await until('both wait', async () => (await manager.consumers.info('LOG', 'c')).num_waiting === 2);
    await publish(4);
    await until('it is elsewhere', () => stolen.length > 0);
    expect(stolen).toEqual(['1']);
    await expect(batches.next(500)).rejects.toThrow(/message 2 of the consumer was missed/);
    await expect(batches.next(500)).rejects.toThrow(/message 2/);
  });

  it('rejects when the consumer is gone', async () => {
    const next = expect(batches.next(500)).rejects.toThrow(/the consumer of LOG is gone/);
    await manager.consumers.delete('LOG', 'c');
    await next;
  });

  it('gives nothing more when it is told to end', async () => {
    const next = batches.next(500);
    ended.abort();
    expect(await next).toEqual([]);
  });
});
