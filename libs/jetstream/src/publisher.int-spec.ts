import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { InvariantError } from '#libs/kernel';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import { JetStreamPublisher, MAX_UNACKNOWLEDGED, PublishRefusedError } from './publisher.ts';

const OUTCOMES_OF_NONE = { fulfilled: 0, rejected: 0 };

describe('JetStreamPublisher', () => {
  let nats: TestNats;
  let direct: JetStreamConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    nats = await startTestNats();
    direct = await JetStreamConnection.open({ servers: [nats.url], name: 'publisher spec, direct' });
    manager = await jetstreamManager(direct.client);
    await manager.streams.add({ name: 'PLAIN', subjects: ['plain.*'] });
    await manager.streams.add({ name: 'FULL', subjects: ['full.*'], max_msgs: 1, discard: 'new' });
  });
  beforeEach(async () => {
    await manager.streams.purge('PLAIN');
  });
  afterAll(async () => {
    await direct[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const stored = async (): Promise<number> => (await manager.streams.info('PLAIN')).state.messages;

  it('gives the sequences of what was stored, in the order of publishing', async () => {
    await using publisher = new JetStreamPublisher(direct);
    const sequences = await Promise.all(
      Array.from({ length: 500 }, (_, index) => publisher.publish(`plain.${index % 7}`, String(index))),
    );
    const [first = 0] = sequences;
    expect(sequences).toEqual(sequences.map((_, index) => first + index));
    expect(await stored()).toBe(500);
    expect(publisher.unacknowledged).toBe(0);
  });

  it('stores bodies and headers as they are', async () => {
    await using publisher = new JetStreamPublisher(direct);
    const body = new Uint8Array([0, 255, 10, 13]);
    const seq = await publisher.publish('plain.bytes', body, { headers: { 'X-One': '1', 'X-Two': 'zwei' } });
    const message = await manager.streams.getMessage('PLAIN', { seq });
    expect([...(message?.data ?? [])]).toEqual([...body]);
    expect(message?.header.get('X-One')).toBe('1');
    expect(message?.header.get('X-Two')).toBe('zwei');
  });

  it("passes on the log's refusal of an expectation, with its code", async () => {
    await using publisher = new JetStreamPublisher(direct);
    await publisher.publish('plain.guarded', 'first', { expectedLastSubjectSequence: 0 });
    const again = publisher.publish('plain.guarded', 'again', { expectedLastSubjectSequence: 0 });
    await expect(again).rejects.toMatchObject({ name: 'PublishRefusedError', errorCode: 10071 });
    expect(await stored()).toBe(1);
  });

  it('lets a stream that is full say so, instead of losing what is in it', async () => {
    await using publisher = new JetStreamPublisher(direct);
    await publisher.publish('full.a', 'fits');
    await expect(publisher.publish('full.b', 'too much')).rejects.toBeInstanceOf(PublishRefusedError);
  });

  it('gives the first sequence again for a message id that was seen', async () => {
    await using publisher = new JetStreamPublisher(direct);
    const first = await publisher.publish('plain.a', 'once', { messageId: 'one' });
    expect(await publisher.publish('plain.a', 'twice', { messageId: 'one' })).toBe(first);
    expect(await stored()).toBe(1);
  });

  it('is unavailable at once when no stream takes the subject', async () => {
    await using publisher = new JetStreamPublisher(direct);
    await expect(publisher.publish('nobody.home', 'x')).rejects.toThrow(/503/);
    expect(publisher.unacknowledged).toBe(0);
  });

  it('refuses a message that NATS would not take, and keeps the connection', async () => {
    await using publisher = new JetStreamPublisher(direct);
    const tooLarge = 'ä'.repeat((direct.client.info?.max_payload ?? 0) / 2);
    await expect(publisher.publish('plain.big', tooLarge)).rejects.toBeInstanceOf(InvariantError);
    await publisher.publish('plain.big', 'x'.repeat((direct.client.info?.max_payload ?? 0) - 2048));
    expect(direct.connected).toBe(true);
  });

  describe('behind a network that fails', () => {
    let proxy: TcpProxy;
    let connection: JetStreamConnection;

    beforeEach(async () => {
      proxy = await TcpProxy.start(nats.port);
      connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'publisher spec' });
    });
    afterEach(async () => {
      await connection[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    });

    it('is unavailable when no acknowledgement comes in time, and does not care for a late one', async () => {
      await using publisher = new JetStreamPublisher(connection, { ackTimeoutMs: 100 });
      await publisher.publish('plain.a', 'before');
      proxy.hold();
      await expect(publisher.publish('plain.a', 'late')).rejects.toBeInstanceOf(LogUnavailableError);
      expect(publisher.unacknowledged).toBe(0);
      expect(await stored()).toBe(2);
      proxy.release();
      await connection.roundTripMs(); // behind the late acknowledgement, so that one has come
      expect(await publisher.publish('plain.a', 'after')).toBeGreaterThan(0);
      expect(publisher.unacknowledged).toBe(0);
    });

    it('has no more on the way than its bound; beyond it nothing is even sent', async () => {
      await using publisher = new JetStreamPublisher(connection);
      proxy.hold();
      const all = Array.from({ length: MAX_UNACKNOWLEDGED }, () => publisher.publish('plain.a', 'x'));
      expect(publisher.unacknowledged).toBe(MAX_UNACKNOWLEDGED);
      const beyond = Promise.allSettled([publisher.publish('plain.a', 'y'), publisher.publish('plain.a', 'z')]);
      expect(await beyond).toEqual([
        { status: 'rejected', reason: expect.objectContaining({ code: 'LOG_BUSY' }) as unknown },
        { status: 'rejected', reason: expect.objectContaining({ code: 'LOG_BUSY' }) as unknown },
      ]);
      proxy.release();
      await Promise.all(all);
      expect(await stored()).toBe(MAX_UNACKNOWLEDGED);
    });

    it('tells everybody who waits when the connection is lost', async () => {
      await using publisher = new JetStreamPublisher(connection);
      proxy.hold();
      const all = Array.from({ length: 50 }, () => publisher.publish('plain.a', 'x'));
      const ends = Promise.allSettled(all);
      await until('all is stored', async () => (await stored()) === 50);
      proxy.cut({ refusing: true });
      expect(countEnds(await ends)).toEqual({ ...OUTCOMES_OF_NONE, rejected: 50 });
      expect(publisher.unacknowledged).toBe(0);
      await expect(publisher.publish('plain.a', 'while away')).rejects.toBeInstanceOf(LogUnavailableError);
      proxy.admit();
      expect(await connection.backWithin(10_000)).toBe(true);
      await publisher.publish('plain.a', 'back');
      expect(await stored()).toBe(51);
    });

    it('leaves nothing behind when it ends: whoever waits is told, whoever comes is refused', async () => {
      const publisher = new JetStreamPublisher(connection);
      proxy.hold();
      const waiting = publisher.publish('plain.a', 'x');
      const ended = publisher[Symbol.asyncDispose]();
      await expect(waiting).rejects.toBeInstanceOf(LogUnavailableError);
      await ended;
      await expect(publisher.publish('plain.a', 'y')).rejects.toBeInstanceOf(LogUnavailableError);
    });
  });

  it('tells everybody who waits when the server is killed, and works again when it is started', async () => {
    await using publisher = new JetStreamPublisher(direct);
    const acknowledged: number[] = [];
    const ends: Promise<void>[] = [];
    const say = (): void => {
      const end = publisher.publish('plain.load', 'x'.repeat(500)).then((sequence) => void acknowledged.push(sequence));
      ends.push(end.catch((error: unknown) => expect(error).toBeInstanceOf(LogUnavailableError)));
    };
    for (let index = 0; index < 1000; index++) say();
    await until('some are acknowledged', () => acknowledged.length > 0);
    for (let index = 0; index < 500; index++) say();
    await nats.kill();
    await Promise.all(ends);
    expect(publisher.unacknowledged).toBe(0);
    await nats.start();
    expect(await direct.backWithin(10_000)).toBe(true);
    const last = await publisher.publish('plain.load', 'again');
    // Nothing that was acknowledged is gone.
    expect(await stored()).toBeGreaterThan(acknowledged.length);
    expect(last).toBeGreaterThan(Math.max(...acknowledged));
  });
});

function countEnds(ends: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = { ...OUTCOMES_OF_NONE };
  for (const { status } of ends) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
