import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { LogUnavailableError } from '#libs/event-sourcing';
import { findFreePort } from '#libs/embedded-servers';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { InvariantError, type JsonValue } from '#libs/kernel';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { ObjectPayloadStore } from './object-payload-store.ts';

const STREAM = 'OBJ_payloads';
const clock = { nowMs: () => Date.UTC(2026, 10, 29) };

describe('ObjectPayloadStore', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let publisher: JetStreamPublisher;
  let store: ObjectPayloadStore;
  let monitorPort: number;

  beforeAll(async () => {
    monitorPort = await findFreePort();
    nats = await startTestNats({ extraConfig: `http: "127.0.0.1:${monitorPort}"` });
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'payload spec' });
    manager = await jetstreamManager(connection.client);
    publisher = new JetStreamPublisher(connection);
    store = await ObjectPayloadStore.open({ connection, publisher, clock, replicas: 1 });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const roundTrip = async (value: JsonValue): Promise<JsonValue> =>
    store.get(await store.put('ex_1', JSON.stringify(value)));
  const chunkSubjectOf = async (object: string): Promise<string> => {
    const subject = `$O.payloads.M.${Buffer.from(object).toString('base64').replaceAll('/', '_').replaceAll('+', '-')}`;
    const meta = await manager.streams.getMessage(STREAM, { last_by_subj: subject });
    return `$O.payloads.C.${meta!.json<{ nuid: string }>().nuid}`;
  };
  const subscriptions = async (): Promise<number> => {
    await connection.client.flush();
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/connz`);
    const { connections } = (await answer.json()) as { connections: { name: string; subscriptions: number }[] };
    return connections.find((one) => one.name === 'payload spec')?.subscriptions ?? Number.NaN;
  };

  it('gives back what was put, with its size and hash', async () => {
    const json = JSON.stringify({ text: 'ü\u0000\ud800 "quoted"\n', list: [1, null, true] });
    const reference = await store.put('ex_1', json);
    expect(reference.bytes).toBe(Buffer.byteLength(json));
    expect(reference.sha256).toMatch(/^[\w-]{43}$/);
    expect(reference.object).toMatch(/^ex_1\//);
    expect(await store.get(reference)).toEqual(JSON.parse(json));
  });

  it('gives back 5 MB, and many values at once', async () => {
    const large = 'ab'.repeat(2_500_000);
    expect(await roundTrip(large)).toBe(large);
    const values = Array.from({ length: 30 }, (_, index) => ({ index, text: 'x'.repeat(70_000 + index) }));
    expect(await Promise.all(values.map(roundTrip))).toEqual(values);
  });

  it('gives every value a name of its own', async () => {
    const [one, two] = await Promise.all([store.put('ex_1', '1'), store.put('ex_1', '1')]);
    expect(one.object).not.toBe(two.object);
  });

  it('keeps a value once under a name that it is given, however often it is put', async () => {
    const before = (await manager.streams.info(STREAM)).state.messages;
    const json = JSON.stringify('x'.repeat(200_000));
    const first = await store.put('ex_1', json, 'a-file');
    expect(await store.put('ex_1', json, 'a-file')).toEqual(first);
    expect((await manager.streams.info(STREAM)).state.messages - before).toBe(3);
    expect(first.object).toBe('ex_1/a-file');
    const other = await store.put('ex_1', '"another"', 'a-file');
    expect(await store.get(other)).toBe('another');
  });

  it('leaves no consumer and no subscription behind', async () => {
    const reference = await store.put('ex_1', JSON.stringify('x'.repeat(100_000)));
    await store.get(reference);
    const before = await subscriptions();
    for (let time = 0; time < 10; time++) await store.get(reference);
    expect((await manager.streams.info(STREAM)).state.consumer_count).toBe(0);
    expect(await subscriptions()).toBe(before);
  });

  it('is a NATS object store like any other', async () => {
    const { object } = await store.put('ex_1', '"for other tools"');
    const bucket = await new Objm(connection.client).open('payloads');
    const bytes = await bucket.getBlob(object);
    expect(Buffer.from(bytes ?? []).toString()).toBe('"for other tools"');
    const large = await store.put('ex_1', JSON.stringify('x'.repeat(5_000_000)));
    expect(await bucket.getBlob(large.object)).toHaveLength(5_000_002);
    expect(await bucket.info(large.object)).toMatchObject({
      size: 5_000_002,
      chunks: 39,
      mtime: '2026-11-29T00:00:00.000Z',
    });
  });

  it('takes a value that is not there for a broken invariant', async () => {
    const reference = { object: 'ex_1/never', bytes: 1, sha256: 'x' };
    await expect(store.get(reference)).rejects.toThrow(InvariantError);
  });

  it('takes a value with another hash for a broken invariant', async () => {
    const reference = await store.put('ex_1', '"as recorded"');
    await expect(store.get({ ...reference, sha256: 'A'.repeat(43) })).rejects.toThrow(/hash differs/);
  });

  it('sees that what is stored was changed', async () => {
    const reference = await store.put('ex_1', '"as recorded"');
    const subject = await chunkSubjectOf(reference.object);
    await manager.streams.purge(STREAM, { filter: subject });
    await connection.client.request(subject, '"as Recorded"');
    await expect(store.get(reference)).rejects.toThrow(InvariantError);
  });

  it('does not wait for ever for chunks that are not there', async () => {
    const reference = await store.put('ex_1', '"as recorded"');
    await manager.streams.purge(STREAM, { filter: await chunkSubjectOf(reference.object) });
    await expect(store.get(reference)).rejects.toThrow(LogUnavailableError);
  });

  it('finds what another process put, under whatever configuration was there before', async () => {
    await manager.streams.update(STREAM, { description: 'another' });
    const again = await ObjectPayloadStore.open({ connection, publisher, clock, replicas: 1 });
    expect((await manager.streams.info(STREAM)).config.description).toMatch(/reference and hash/);
    expect(await again.get(await store.put('ex_1', '"shared"'))).toBe('shared');
  });

  it('is unavailable while NATS is away', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'away' });
    await using publishing = new JetStreamPublisher(behind);
    const remote = await ObjectPayloadStore.open({ connection: behind, publisher: publishing, clock, replicas: 1 });
    const reference = await remote.put('ex_1', JSON.stringify('x'.repeat(1_000_000)));
    proxy.hold();
    const reading = expect(remote.get(reference)).rejects.toThrow(LogUnavailableError);
    proxy.cut({ refusing: true });
    await reading;
    await until('it is away', () => !behind.connected);
    await expect(remote.put('ex_1', '1')).rejects.toThrow(LogUnavailableError);
    proxy.admit();
    expect(await behind.backWithin(10_000)).toBe(true);
    expect(await remote.get(reference)).toHaveLength(1_000_000);
  });
});
