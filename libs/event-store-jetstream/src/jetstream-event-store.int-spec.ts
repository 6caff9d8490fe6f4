import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { z } from 'zod';
import { ConcurrencyConflict, LogUnavailableError, type Commit, type DomainEvent } from '#libs/event-sourcing';
import { eventStoreContract } from '#libs/event-sourcing/testing';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { createCommitCodec } from './codec.ts';
import { JetStreamEventStore } from './jetstream-event-store.ts';
import { executionLog, liveSubjectOf, type LogLayout } from './layout.ts';

type Noted = DomainEvent<'Noted', { readonly text: string }>;
const codec = createCommitCodec<Noted>(z.object({ type: z.literal('Noted'), data: z.object({ text: z.string() }) }));

describe('JetStreamEventStore', () => {
  const layout: LogLayout = executionLog(4, 1);
  let nats: TestNats;
  let direct: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let store: JetStreamEventStore<Noted>;

  beforeAll(async () => {
    nats = await startTestNats();
    direct = await JetStreamConnection.open({ servers: [nats.url], name: 'event-store spec' });
    publisher = new JetStreamPublisher(direct);
    manager = await jetstreamManager(direct.client);
    for (const stream of layout.streams) await reconcileStream(manager, stream);
    store = new JetStreamEventStore({ connection: direct, publisher, layout, codec });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await direct[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  eventStoreContract('JetStreamEventStore', async () => store);

  const newId = (): string => `ex_${randomUUID()}`;
  const commitOf = (aggregateId: string, firstVersion: number, text: string): Commit<Noted> => ({
    id: randomUUID(),
    aggregateId,
    firstVersion,
    at: '2026-11-23T10:00:00.000Z',
    events: [{ type: 'Noted', data: { text } }],
  });
  const textsOf = async (id: string): Promise<string[]> => {
    const texts: string[] = [];
    for await (const commit of store.readHistory(id)) texts.push(...commit.events.map((event) => event.data.text));
    return texts;
  };

  it('gives what it just appended, when asked for the freshest', async () => {
    const id = newId();
    const sequence = await store.append(commitOf(id, 1, 'a'), 0);
    expect(await store.readLast(id, { fresh: true })).toMatchObject({ aggregateId: id, sequence });
    expect(await store.readLast(newId(), { fresh: true })).toBeUndefined();
  });

  it('spreads histories over all streams', async () => {
    const ids = Array.from({ length: 64 }, newId);
    await Promise.all(ids.map((id) => store.append(commitOf(id, 1, 'a'), 0)));
    for (const { name } of layout.streams) expect((await manager.streams.info(name)).state.messages).toBeGreaterThan(0);
  });

  it('lets anybody hear of a commit while it is made', async () => {
    const id = newId();
    const heard: string[] = [];
    const subscription = direct.client.subscribe(liveSubjectOf(id), {
      callback: (_error, message) => void heard.push(codec.decode(message.data, 0).id),
    });
    await direct.client.flush();
    const commit = commitOf(id, 1, 'a');
    await store.append(commit, 0);
    await until('it is heard', () => heard.length > 0);
    expect(heard).toEqual([commit.id]);
    subscription.unsubscribe();
  });

  it('refuses to read what is not a commit, and says where it lies', async () => {
    const id = newId();
    const sequence = await publisher.publish(layout.subjectOf(id), 'not a commit');
    await expect(store.readLast(id)).rejects.toThrow(new RegExp(`message ${sequence} `));
    await expect(textsOf(id)).rejects.toThrow(new RegExp(`message ${sequence} `));
  });

  it.each([
    ['an older expectation', 10071, 'CONCURRENCY_CONFLICT'],
    ['an older expectation, while another commit is on its way between replicas', 10164, 'CONCURRENCY_CONFLICT'],
    ['too much at once', 10167, 'LOG_BUSY'],
  ])('understands the refusal of %s', async (_what, errorCode, code) => {
    // No stream takes this subject, so the spec can answer as one does.
    const played = { ...layout, streamOf: () => 'PLAYED', subjectOf: (id: string) => `played.${id}` };
    const refusal = JSON.stringify({
      error: { code: 400, err_code: errorCode, description: 'no' },
      stream: 'X',
      seq: 0,
    });
    const subscription = direct.client.subscribe('played.*', {
      callback: (_error, message) => void message.respond(refusal),
    });
    const remote = new JetStreamEventStore({ connection: direct, publisher, layout: played, codec });
    await expect(remote.append(commitOf(newId(), 1, 'a'), 0)).rejects.toMatchObject({ code });
    subscription.unsubscribe();
  });

  describe('when the acknowledgement gets lost', () => {
    let proxy: TcpProxy;
    let connection: JetStreamConnection;
    let impatient: JetStreamPublisher;
    let remote: JetStreamEventStore<Noted>;

    beforeEach(async () => {
      proxy = await TcpProxy.start(nats.port);
      connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'remote' });
      impatient = new JetStreamPublisher(connection, { ackTimeoutMs: 200 });
      remote = new JetStreamEventStore({ connection, publisher: impatient, layout, codec });
    });
    afterEach(async () => {
      await impatient[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    });
    const isStored = (id: string) => async (): Promise<boolean> => (await store.readLast(id)) !== undefined;

    it('reads back that it was stored, when the connection was lost with it', async () => {
      const id = newId();
      proxy.hold();
      const appended = remote.append(commitOf(id, 1, 'a'), 0);
      await until('it is stored', isStored(id));
      proxy.cut();
      expect(await appended).toBe((await store.readLast(id))?.sequence);
    });

    it('reads back that it was stored, when it takes too long', async () => {
      const id = newId();
      proxy.hold();
      const appended = remote.append(commitOf(id, 1, 'a'), 0);
      await until('nobody waits any more', () => impatient.unacknowledged === 0);
      proxy.release();
      expect(await appended).toBe((await store.readLast(id))?.sequence);
    });

    it('knows its own commit also when somebody has continued after it', async () => {
      const id = newId();
      proxy.hold();
      const appended = remote.append(commitOf(id, 1, 'mine'), 0);
      await until('it is stored', isStored(id));
      const sequence = (await store.readLast(id))?.sequence ?? 0;
      await store.append(commitOf(id, 2, 'theirs'), sequence);
      proxy.cut();
      expect(await appended).toBe(sequence);
      expect(await textsOf(id)).toEqual(['mine', 'theirs']);
    });

    it('is a conflict when somebody else was first', async () => {
      const id = newId();
      await store.append(commitOf(id, 1, 'theirs'), 0);
      proxy.hold();
      const appended = expect(remote.append(commitOf(id, 1, 'mine'), 0)).rejects.toBeInstanceOf(ConcurrencyConflict);
      await until('nobody waits any more', () => impatient.unacknowledged === 0);
      proxy.cut();
      await appended;
      expect(await textsOf(id)).toEqual(['theirs']);
    });

    it('is unavailable when NATS does not come back to tell', async () => {
      const id = newId();
      proxy.hold();
      const appended = expect(remote.append(commitOf(id, 1, 'a'), 0)).rejects.toBeInstanceOf(LogUnavailableError);
      await until('it is stored', isStored(id));
      proxy.cut({ refusing: true });
      await appended;
    });

    it('says at once that NATS is away to whoever comes then', async () => {
      proxy.cut({ refusing: true });
      await until('NATS is away', () => !connection.connected);
      const began = performance.now();
      const appended = remote.append(commitOf(newId(), 1, 'a'), 0);
      await expect(appended).rejects.toBeInstanceOf(LogUnavailableError);
      expect(performance.now() - began).toBeLessThan(1000);
    });
  });

  it('tells the truth about every commit when the server is killed under load', async () => {
    const made: { commit: Commit<Noted>; end: PromiseSettledResult<number> }[] = [];
    let killed = false;
    const write = async (): Promise<void> => {
      while (!killed) {
        const commit = commitOf(newId(), 1, 'a');
        const [end] = await Promise.allSettled([store.append(commit, 0)]);
        made.push({ commit, end });
      }
    };
    const writers = Promise.all(Array.from({ length: 100 }, write));
    await until('some are acknowledged', () => made.length > 500);
    killed = true;
    await nats.kill();
    await until('the loss is known', () => !direct.connected);
    await nats.start();
    await writers;
    expect(await direct.backWithin(10_000)).toBe(true);
    for (const { commit, end } of made) {
      const stored = await store.readLast(commit.aggregateId, { fresh: true });
      if (end.status === 'fulfilled') expect(stored).toMatchObject({ id: commit.id, sequence: end.value });
      else {
        expect(end.reason).toBeInstanceOf(LogUnavailableError);
        expect(stored).toBeUndefined();
      }
    }
  });
});
