import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { findFreePort } from '#libs/embedded-servers';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import { JetStreamPublisher } from './publisher.ts';
import {
  countFrom,
  readLast,
  readLastFromLeader,
  readNextFromLeader,
  readSubject,
  type StoredMessage,
} from './read.ts';

describe('reading', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let monitorPort: number;

  beforeAll(async () => {
    monitorPort = await findFreePort();
    nats = await startTestNats({ extraConfig: `http: "127.0.0.1:${monitorPort}"` });
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'read spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    await manager.streams.add({ name: 'READ', subjects: ['read.>'], allow_direct: true });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const textOf = (message: StoredMessage | undefined): string | undefined =>
    message && Buffer.from(message.data).toString();
  const collect = async (from: JetStreamConnection, subject: string, fromSequence = 1): Promise<StoredMessage[]> => {
    const all: StoredMessage[] = [];
    for await (const message of readSubject(from, 'READ', subject, fromSequence)) all.push(message);
    return all;
  };
  /** Subscriptions of the connection, as the server counts them. */
  const subscriptions = async (): Promise<number> => {
    await connection.client.flush();
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/connz`);
    const { connections } = (await answer.json()) as { connections: { name: string; subscriptions: number }[] };
    return connections.find((one) => one.name === 'read spec')?.subscriptions ?? Number.NaN;
  };

  it.each([
    ['any replica', readLast],
    ['the leader', readLastFromLeader],
  ])('gives the newest message of a subject from %s', async (_from, read) => {
    const subject = `read.last.${read.name}`;
    expect(await read(connection, 'READ', subject)).toBeUndefined();
    await publisher.publish(subject, 'one');
    const sequence = await publisher.publish(subject, 'zwei ü');
    await publisher.publish(`${subject}.other`, 'not this');
    const last = await read(connection, 'READ', subject);
    expect(last).toMatchObject({ subject, sequence });
    expect(textOf(last)).toBe('zwei ü');
  });

  it('gives the first message of a subject at or after a sequence, from the leader', async () => {
    const first = await publisher.publish('read.next', 'one');
    await publisher.publish('read.between', 'not this');
    const second = await publisher.publish('read.next', 'two');
    const next = (fromSequence: number) =>
      readNextFromLeader(connection, 'READ', { subject: 'read.next', fromSequence });
    expect(await next(1)).toMatchObject({ sequence: first });
    expect(await next(first + 1)).toMatchObject({ sequence: second });
    expect(await next(second + 1)).toBeUndefined();
  });

  it.each([
    ['any replica', () => readLast(connection, 'NONE', 'read.a')],
    ['the leader', () => readLastFromLeader(connection, 'NONE', 'read.a')],
  ])('takes a stream that is missing for a fault, not for an empty one, from %s', async (_from, read) => {
    await expect(read()).rejects.toBeInstanceOf(LogUnavailableError);
  });

  it('counts the messages of a subject from a sequence on, of one that has wildcards too', async () => {
    const count = (subject: string, fromSequence = 1): Promise<number> =>
      countFrom(connection, 'READ', { subject, fromSequence });
    expect(await count('read.count.*')).toBe(0);
    const sequences: number[] = [];
    for (const name of ['a', 'b', 'a']) sequences.push(await publisher.publish(`read.count.${name}`, 'x'));
    expect(await count('read.count.*')).toBe(3);
    expect(await count('read.count.a')).toBe(2);
    expect(await count('read.count.*', sequences[1])).toBe(2);
    expect(await count('read.count.*', sequences[2]! + 1)).toBe(0);
  });

  it('gives a history of 10,000 messages whole and in order, and leaves no subscription behind', async () => {
    const sequences: number[] = [];
    for (let block = 0; block < 10; block++) {
      const some = Array.from({ length: 1000 }, (_, index) => [
        publisher.publish('read.long', String(block * 1000 + index)),
        ...(index % 10 === 0 ? [publisher.publish('read.noise', 'x')] : []),
      ]);
      sequences.push(...(await Promise.all(some.map(([own = Promise.resolve(0)]) => own))));
    }
    const before = await subscriptions();
    const history = await collect(connection, 'read.long');
    expect(history.map(textOf)).toEqual(sequences.map((_, index) => String(index)));
    expect(history.map((message) => message.sequence)).toEqual(sequences);
    expect(await subscriptions()).toBe(before);

    const tail = await collect(connection, 'read.long', sequences[9990]);
    expect(tail.map(textOf)).toEqual(Array.from({ length: 10 }, (_, index) => String(9990 + index)));
  });

  it('leaves no subscription behind when the reader stops early', async () => {
    const before = await subscriptions();
    for (let time = 0; time < 20; time++) {
      for await (const _message of readSubject(connection, 'READ', 'read.long')) break;
    }
    expect(await subscriptions()).toBe(before);
  });

  it('gives nothing for a subject that nobody wrote', async () => {
    expect(await collect(connection, 'read.never')).toEqual([]);
  });

  it('gives exactly one full page', async () => {
    await Promise.all(Array.from({ length: 256 }, (_, index) => publisher.publish('read.page', String(index))));
    expect(await collect(connection, 'read.page')).toHaveLength(256);
  });

  it('goes on where the server ended a page for its bytes', async () => {
    const sizes = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? 900_000 : 300_000));
    for (const [index, size] of sizes.entries()) await publisher.publish('read.large', String(index).padEnd(size, '.'));
    const history = await collect(connection, 'read.large');
    expect(history.map((message) => message.data.length)).toEqual(sizes);
    expect(history.map((message) => parseInt(textOf(message) ?? '', 10))).toEqual(sizes.map((_, index) => index));
  });

  it('gives messages that are larger than a page', async () => {
    for (let index = 0; index < 3; index++) await publisher.publish('read.huge', String(index).padEnd(6_000_000, '.'));
    const history = await collect(connection, 'read.huge');
    expect(history.map((message) => message.data.length)).toEqual([6_000_000, 6_000_000, 6_000_000]);
  });

  it('fails at once when the connection is lost in the middle of a page, instead of giving half of it', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { sequence } of readSubject(behind, 'READ', 'read.long')) {
        if (seen.push(sequence) === 1) proxy.hold();
      }
    })();
    const failed = expect(reading).rejects.toBeInstanceOf(LogUnavailableError);
    await until('a page was read', () => seen.length === 256);
    proxy.cut();
    await failed;
    expect(await behind.backWithin(10_000)).toBe(true);
    expect(await collect(behind, 'read.long')).toHaveLength(10_000);
  });

  it('is unavailable while the connection is away', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    proxy.cut({ refusing: true });
    await until('it is away', () => !behind.connected);
    await expect(readLast(behind, 'READ', 'read.long')).rejects.toBeInstanceOf(LogUnavailableError);
    await expect(collect(behind, 'read.long')).rejects.toBeInstanceOf(LogUnavailableError);
  });
});
