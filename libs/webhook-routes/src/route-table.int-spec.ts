import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { findFreePort } from '#libs/embedded-servers';
import { JetStreamConnection, openBucket } from '#libs/jetstream';
import { toInstant } from '#libs/kernel';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import type { Route } from './route.ts';
import { RouteBucket } from './route-bucket.ts';
import { RouteTable } from './route-table.ts';

const STREAM = 'KV_routes';
const SOON_MS = 10_000;

describe('RouteTable', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let bucket: RouteBucket;
  let monitorPort: number;
  const unreadable: string[] = [];
  const clock = { now: Date.UTC(2026, 10, 28), nowMs: (): number => clock.now };
  const observer = {
    unreadable: (token: string): void => void unreadable.push(token),
    interrupted: (error: unknown): void => expect(error).toBeUndefined(),
  };

  beforeAll(async () => {
    monitorPort = await findFreePort();
    nats = await startTestNats({ extraConfig: `http: "127.0.0.1:${monitorPort}"` });
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'route spec' });
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(async () => {
    unreadable.length = 0;
    bucket = await RouteBucket.open(connection, 1);
  });
  afterEach(async () => {
    await manager.streams.delete(STREAM);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const routeOf = (workflowId: string, version = 1): Route => ({
    webhookId: 'wh_1',
    workspaceId: 'ws_1',
    workflowId,
    version,
    nodeId: 'hook',
    methods: ['POST'],
    maxBodyBytes: 1024,
    variables: [],
    priority: 'normal',
  });
  const bring = (routes: Record<string, Route | undefined>): Promise<void> =>
    bucket.bring(
      Object.keys(routes),
      new Map(Object.entries(routes).flatMap(([token, route]) => (route ? [[token, route] as const] : []))),
      clock.nowMs(),
    );
  const holds = (table: RouteTable, token: string): Promise<boolean> =>
    table.waitUntil(() => table.find(token) !== undefined, SOON_MS);
  const subscriptions = async (): Promise<number> => {
    await connection.client.flush();
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/connz`);
    const { connections } = (await answer.json()) as { connections: { name: string; subscriptions: number }[] };
    return connections.find((one) => one.name === 'route spec')?.subscriptions ?? Number.NaN;
  };

  it('is empty when the bucket is', async () => {
    await using table = await RouteTable.open(bucket, observer, clock);
    expect(table.size).toBe(0);
    expect(table.find('token')).toBeUndefined();
  });

  it('holds all that the bucket holds when it is open', async () => {
    const tokens = Array.from({ length: 1000 }, (_, index) => `token-${index}`);
    await bring(Object.fromEntries(tokens.map((token) => [token, routeOf(token)])));
    await bring({ 'token-7': undefined });
    await using table = await RouteTable.open(bucket, observer, clock);
    expect(table.size).toBe(999);
    expect(table.find('token-999')).toEqual(routeOf('token-999'));
    expect(table.find('token-7')).toBeUndefined();
    expect(unreadable).toEqual([]);
  });

  it('opens on a bucket in which everything was deleted', async () => {
    await bring({ a: routeOf('wf_1'), b: routeOf('wf_1') });
    await bring({ a: undefined, b: undefined });
    await using table = await RouteTable.open(bucket, observer, clock);
    expect(table.size).toBe(0);
  });

  it('opens while the bucket is being written', async () => {
    let written = 0;
    let enough = false;
    const writing = (async () => {
      while (!enough) await bring({ [`busy-${written++}`]: routeOf('wf_1') });
    })();
    await until('some are written', () => written > 50);
    const present = written - 1;
    await using table = await RouteTable.open(bucket, observer, clock);
    expect(table.size).toBeGreaterThanOrEqual(present);
    enough = true;
    await writing;
    expect(await table.waitUntil(() => table.size === written, SOON_MS)).toBe(true);
  });

  it('opens on a bucket that is emptied meanwhile', async () => {
    await bring({ a: routeOf('wf_1') });
    const opening = RouteTable.open(bucket, observer, clock);
    await manager.streams.purge(STREAM);
    await using table = await opening;
    expect(table.size).toBeLessThanOrEqual(1);
  });

  it('follows what is put, changed and deleted', async () => {
    await using table = await RouteTable.open(bucket, observer, clock);
    await bring({ one: routeOf('wf_1', 1), two: routeOf('wf_2') });
    expect(await holds(table, 'two')).toBe(true);
    await bring({ one: routeOf('wf_1', 2), two: undefined });
    expect(await table.waitUntil(() => table.find('two') === undefined, SOON_MS)).toBe(true);
    expect(table.find('one')?.version).toBe(2);
    expect(table.size).toBe(1);
  });

  it('reports what it can not read, and does not answer with what was there before', async () => {
    await using table = await RouteTable.open(bucket, observer, clock);
    await bring({ good: routeOf('wf_1'), bad: routeOf('wf_1'), worse: routeOf('wf_1') });
    expect(await holds(table, 'worse')).toBe(true);
    await connection.client.request('$KV.routes.bad', '{"hello": 1}');
    await connection.client.request('$KV.routes.worse', 'not JSON');
    expect(await table.waitUntil(() => table.find('worse') === undefined, SOON_MS)).toBe(true);
    expect(unreadable).toEqual(['bad', 'worse']);
    expect(table.find('bad')).toBeUndefined();
    expect(table.find('good')).toBeDefined();
    await using again = await RouteTable.open(bucket, observer, clock);
    expect(again.size).toBe(1);
  });

  it('answers to a route that stops by itself until then, whether the bucket says so or not', async () => {
    await using table = await RouteTable.open(bucket, observer, clock);
    const until = toInstant(clock.now + 3_600_000);
    await bring({ earlier: { ...routeOf('wf_1'), until }, now: routeOf('wf_1') });
    expect(await holds(table, 'now')).toBe(true);
    expect(table.find('earlier')).toMatchObject({ until });
    const message = await manager.streams.getMessage(STREAM, { last_by_subj: '$KV.routes.earlier' });
    expect(message?.header.get('Nats-TTL')).toBe('3600s');
    clock.now += 3_600_000;
    expect(table.find('earlier')).toBeUndefined();
    expect(table.find('now')).toBeDefined();
    // As after a rebuild of the bucket: what is over is not put there again.
    await bring({ earlier: { ...routeOf('wf_1'), until }, never: { ...routeOf('wf_1'), until } });
    await using again = await RouteTable.open(bucket, observer, clock);
    expect(again.size).toBe(1);
  });

  it('leaves no mark of what was not there', async () => {
    await bring({ a: undefined, b: routeOf('wf_1') });
    await bring({ b: undefined });
    await bring({ b: undefined });
    expect((await manager.streams.info(STREAM)).state).toMatchObject({ messages: 1, last_seq: 2 });
  });

  it('waits only as long as told', async () => {
    await using table = await RouteTable.open(bucket, observer, clock);
    expect(await table.waitUntil(() => false, 10)).toBe(false);
    expect(await table.waitUntil(() => true, 0)).toBe(true);
  });

  it('leaves nothing behind when it ends: no consumer, no subscription, nobody who waits', async () => {
    const table = await RouteTable.open(bucket, observer, clock);
    const waiting = table.waitUntil(() => false, 3_600_000);
    const before = await subscriptions();
    await table[Symbol.asyncDispose]();
    expect(await waiting).toBe(false);
    await until('the watch is gone', async () => (await manager.streams.info(STREAM)).state.consumer_count === 0);
    await until('its subscription is gone', async () => (await subscriptions()) < before);
  });

  it('goes on when the server is killed and started, and misses nothing', async () => {
    await bring({ before: routeOf('wf_1'), deleted: routeOf('wf_1') });
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using table = await RouteTable.open(await RouteBucket.open(behind, 1), observer, clock);
    expect(table.size).toBe(2);
    proxy.cut({ refusing: true });
    await nats.kill();
    await nats.start();
    expect(await connection.backWithin(10_000)).toBe(true);
    await bring({ meanwhile: routeOf('wf_1'), deleted: undefined });
    expect(table.find('deleted')).toBeDefined();
    proxy.admit();
    expect(await holds(table, 'meanwhile')).toBe(true);
    expect(await table.waitUntil(() => table.find('deleted') === undefined, SOON_MS)).toBe(true);
    expect(table.size).toBe(2);
    await bring({ after: routeOf('wf_1') });
    expect(await holds(table, 'after')).toBe(true);
  });

  it('forgets all when the bucket was made anew', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await bring({ old: routeOf('wf_1') });
    await using table = await RouteTable.open(await RouteBucket.open(behind, 1), observer, clock);
    expect(table.size).toBe(1);
    proxy.cut({ refusing: true });
    await manager.streams.delete(STREAM);
    bucket = await RouteBucket.open(connection, 1);
    await bring({ new: routeOf('wf_1') });
    proxy.admit();
    expect(await holds(table, 'new')).toBe(true);
    expect(table.find('old')).toBeUndefined();
  });

  it('does not miss what is written while the connection is cut', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using table = await RouteTable.open(await RouteBucket.open(behind, 1), observer, clock);
    for (let round = 0; round < 3; round++) {
      proxy.hold();
      await bring({ [`held-${round}`]: routeOf('wf_1') });
      proxy.cut();
      expect(await holds(table, `held-${round}`)).toBe(true);
    }
  });
});

describe('RouteBucket', () => {
  it('is made as it must be, changed when it differs, and unavailable while NATS is away', async () => {
    await using nats = await startTestNats();
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'bucket' });
    const manager = await jetstreamManager(connection.client);
    // As it was made before URLs were rotated: no entry of it could go by itself.
    await openBucket(connection, { name: 'routes', description: 'of before', replicas: 1 });
    expect((await manager.streams.info(STREAM)).config.allow_msg_ttl).toBeFalsy();
    await RouteBucket.open(connection, 1);
    expect((await manager.streams.info(STREAM)).config.allow_msg_ttl).toBe(true);
    await manager.streams.update(STREAM, { description: 'another' });
    const bucket = await RouteBucket.open(connection, 1);
    expect((await manager.streams.info(STREAM)).config.description).toMatch(/Webhook token/);
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !connection.connected);
    await expect(bucket.bring(['a'], new Map(), 0)).rejects.toThrow(LogUnavailableError);
  });
});
