import { jetstreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { CircuitBucket, LONGEST_KEY, type Destination } from './circuit-bucket.ts';
import { Circuits } from './circuits.ts';
import { QuotaBucket } from './quota-bucket.ts';
import { Quotas } from './quotas.ts';
import { Destinations, type CallEnd, type Entrance } from './destinations.ts';

const ROOM = 4;

describe('Destinations', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let destination: Destination;
  let count = 0;
  const clock = { ms: Date.now(), nowMs: (): number => clock.ms };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'destinations spec' });
  });
  beforeEach(() => {
    destination = { workspaceId: 'ws_1', key: `host-${++count}.example:443` };
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  /** Another process, when it has a connection of its own. */
  async function openOn(through: JetStreamConnection) {
    const publisher = new JetStreamPublisher(through);
    const faults: unknown[] = [];
    const postponed: string[] = [];
    const circuits = new Circuits(await CircuitBucket.open(through, publisher, 1), clock, {
      unreadable: (_subject, error) => faults.push(error),
      interrupted: (error) => faults.push(error),
    });
    const quotas = new Quotas(await QuotaBucket.open(through, publisher, 1), clock, {
      taken: () => undefined,
      unguarded: (error) => faults.push(error),
    });
    const destinations = new Destinations({
      circuits,
      quotas,
      clock,
      newProbeId: () => crypto.randomUUID(),
      room: ROOM,
      observer: { postponed: (reason) => postponed.push(reason), untold: (error) => faults.push(error) },
    });
    await until('it follows', () => circuits.isFollowing);
    return {
      circuits,
      destinations,
      faults,
      postponed,
      status: () => circuits.list(destination.workspaceId).find(({ key }) => key === destination.key),
      call: async (end: CallEnd): Promise<Entrance> => {
        const entrance = await destinations.enter(destination);
        if (entrance.kind === 'admitted') entrance.leave(end);
        return entrance;
      },
      async [Symbol.asyncDispose](): Promise<void> {
        await destinations[Symbol.asyncDispose]();
        await circuits[Symbol.asyncDispose]();
        await publisher[Symbol.asyncDispose]();
      },
    };
  }
  type Process = Awaited<ReturnType<typeof openOn>>;

  async function fail(process: Process, times: number): Promise<void> {
    for (let nth = 0; nth < times; nth++) await process.call({ outcome: 'failed' });
    await process.destinations.settled();
  }
  const opened = (process: Process) => until('it is open', () => process.status()?.state === 'open');
  const closed = (process: Process) => until('it is closed', () => process.status() === undefined);

  it('open for all when the calls of all together failed too often', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await fail(here, 5);
    await until('it hears', () => there.status()?.failures === 5);
    expect(await there.call({ outcome: 'ignored' })).toMatchObject({ kind: 'admitted' });
    await fail(there, 5);
    await Promise.all([opened(here), opened(there)]);
    const reason = { kind: 'circuit', key: destination.key };
    for (const process of [here, there]) {
      expect(process.status()).toMatchObject({ failures: 10, openedAtMs: clock.ms, retryAtMs: clock.ms + 5_000 });
      expect(await process.call({ outcome: 'ok' })).toEqual({ kind: 'postponed', reason, untilMs: clock.ms + 5_000 });
      expect(process.postponed).toEqual(['circuit']);
    }
  });

  it('do not open for what is no failure, nor where most goes well', async () => {
    await using here = await openOn(connection);
    for (let nth = 0; nth < 20; nth++) await here.call({ outcome: nth % 2 === 0 ? 'ok' : 'ignored' });
    expect(here.status()).toBeUndefined();
    await fail(here, 9);
    await until('it hears', () => here.status()?.failures === 9);
    expect(here.status()?.state).toBe('closed');
  });

  it('cost no message while they are healthy', async () => {
    await using here = await openOn(connection);
    const before = connection.client.stats().outMsgs;
    for (let nth = 0; nth < 1_000; nth++) await here.call({ outcome: 'ok' });
    await here.destinations.settled();
    expect(connection.client.stats().outMsgs - before).toBeLessThan(10);
  });

  it('are tried by one attempt of all workers, and open for all when it succeeds', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await fail(here, 10);
    await opened(there);
    clock.ms += 5_000;
    const entrances = await Promise.all([here, there, here, there].map((one) => one.destinations.enter(destination)));
    const [probe, ...more] = entrances.filter((entrance) => entrance.kind === 'admitted');
    expect(more).toEqual([]);
    await until('all know', () => [here, there].every((one) => one.status()?.state === 'halfOpen'));
    const postponed = entrances.filter((entrance) => entrance.kind === 'postponed');
    expect(postponed.every(({ untilMs }) => untilMs >= clock.ms + 2_000 && untilMs < clock.ms + 2_500)).toBe(true);
    probe?.leave({ outcome: 'ok' });
    probe?.leave({ outcome: 'failed' });
    await Promise.all([closed(here), closed(there)]);
    expect(await there.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
  });

  it('stay shut for longer when the probe fails, and find another when it was none or is lost', async () => {
    await using here = await openOn(connection);
    await fail(here, 10);
    clock.ms += 5_000;
    expect(await here.call({ outcome: 'failed' })).toMatchObject({ kind: 'admitted' });
    await until('it is open', () => here.status()?.retryAtMs === clock.ms + 10_000);
    clock.ms += 10_000;
    expect(await here.call({ outcome: 'ignored' })).toMatchObject({ kind: 'admitted' });
    await opened(here);
    expect(await here.destinations.enter(destination)).toMatchObject({ kind: 'admitted' });
    expect(await here.destinations.enter(destination)).toMatchObject({ kind: 'postponed' });
    clock.ms += 30_000;
    expect(await here.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
    await closed(here);
  });

  it('hold back all workers for as long as the destination asked', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await here.call({ outcome: 'failed', pauseMs: 20_000 });
    await until('it hears', () => there.status()?.retryAtMs !== undefined);
    const untils: number[] = [];
    for (let nth = 0; nth < 3; nth++) {
      const entrance = await there.call({ outcome: 'ok' });
      expect(entrance).toMatchObject({ kind: 'postponed', reason: { kind: 'rateLimit', key: destination.key } });
      if (entrance.kind === 'postponed') untils.push(entrance.untilMs - clock.ms);
    }
    // In line, so that they do not come back all at once.
    expect(untils).toEqual([20_000, 20_025, 20_050]);
    clock.ms += 20_000;
    expect(await there.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
  });

  it('have room for so many attempts at once, and none of it is lost', async () => {
    await using here = await openOn(connection);
    const inside: Entrance[] = [];
    for (let nth = 0; nth < ROOM; nth++) inside.push(await here.destinations.enter(destination));
    expect(await here.call({ outcome: 'ok' })).toEqual({
      kind: 'postponed',
      reason: { kind: 'bulkhead', key: destination.key },
      untilMs: clock.ms + 250,
    });
    const elsewhere = await here.destinations.enter({ ...destination, workspaceId: 'ws_2' });
    expect(elsewhere.kind).toBe('admitted');
    for (const entrance of inside) if (entrance.kind === 'admitted') entrance.leave({ outcome: 'ok' });
    for (let nth = 0; nth < 2 * ROOM; nth++)
      expect(await here.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
    expect(here.postponed).toEqual(['bulkhead']);
  });

  it('are those of one workspace', async () => {
    await using here = await openOn(connection);
    await fail(here, 10);
    const others = { ...destination, workspaceId: 'ws_other' };
    expect(await here.destinations.enter(others)).toMatchObject({ kind: 'admitted' });
    expect(here.circuits.list('ws_other')).toEqual([]);
    expect(await here.circuits.reset(others)).toBe(false);
    expect(here.status()?.state).toBe('open');
  });

  it('are free for all again when they are reset, whoever does it', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await fail(here, 10);
    await opened(there);
    expect(await there.circuits.reset(destination)).toBe(true);
    expect(there.status()).toBeUndefined();
    await closed(here);
    expect(await here.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
    expect(await there.circuits.reset(destination)).toBe(false);
  });

  it('are forgotten when nobody cares', async () => {
    await using here = await openOn(connection);
    await fail(here, 10);
    clock.ms += 5_000 + 600_000 - 1;
    expect(here.status()?.state).toBe('open');
    clock.ms += 1;
    expect(here.status()).toBeUndefined();
    expect(await here.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
    await fail(here, 1);
    await until('it hears', () => here.status()?.failures === 1);
    const manager = await jetstreamManager(connection.client);
    const subject = `$KV.limits.circuits.ws_1.${Buffer.from(destination.key).toString('base64url')}`;
    const stored = await manager.streams.getMessage('KV_limits', { last_by_subj: subject });
    expect(stored?.header.get('Nats-TTL')).toBe('60s');
  });

  it('with names that no subject could hold are let in', async () => {
    await using here = await openOn(connection);
    destination = { workspaceId: 'ws_1', key: 'x'.repeat(LONGEST_KEY + 1) };
    await fail(here, 20);
    expect(await here.call({ outcome: 'ok' })).toMatchObject({ kind: 'admitted' });
    destination = { workspaceId: 'ws_1', key: 'ü*. >'.padEnd(LONGEST_KEY, 'x') };
    await fail(here, 10);
    expect(here.status()?.state).toBe('open');
  });

  it('are all let in while NATS is away, and held back again when it is back', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using here = await openOn(connection);
    await using there = await openOn(behind);
    await fail(here, 10);
    await opened(there);
    proxy.cut({ refusing: true });
    await until('it is lost', () => !behind.connected);
    await fail(there, 2);
    expect(there.circuits.isFollowing).toBe(false);
    expect(there.faults).toEqual([]);
    const other = await there.destinations.enter({ ...destination, key: 'other.example:443' });
    if (other.kind === 'admitted') other.leave({ outcome: 'failed' });
    await there.destinations.settled();
    expect([there.postponed, there.faults]).toEqual([[], [expect.any(LogUnavailableError)]]);
    await here.circuits.reset(destination);
    proxy.admit();
    await until('it follows again', () => there.circuits.isFollowing);
    expect(there.status()).toBeUndefined();
    await fail(here, 10);
    await opened(there);
    expect(await there.call({ outcome: 'ok' })).toMatchObject({ kind: 'postponed' });
  });
});
