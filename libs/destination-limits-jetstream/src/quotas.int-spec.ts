import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import type { Allowance, Quota } from '#libs/node-kit';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { CircuitBucket, LONGEST_KEY } from './circuit-bucket.ts';
import { Circuits } from './circuits.ts';
import { Destinations, type Entrance, type Visit } from './destinations.ts';
import { QuotaBucket } from './quota-bucket.ts';
import { Quotas } from './quotas.ts';

const HOUR = 3_600_000;
const WORKSPACE = 'ws_1';
const T0 = Date.UTC(2026, 10, 23, 10);

describe('Quotas', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let account: Quota;
  let method: Quota;
  let count = 0;
  const clock = { ms: T0, nowMs: (): number => clock.ms };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'quotas spec' });
  });
  beforeEach(() => {
    clock.ms = T0;
    account = { key: `cr_${++count}@api.example.com`, limit: 5_000, perMs: HOUR, learns: true };
    method = { key: `cr_${count}/chat.post`, limit: 20, perMs: 60_000, learns: false };
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
    let taken = 0;
    const circuits = new Circuits(await CircuitBucket.open(through, publisher, 1), clock, {
      unreadable: (_subject, error) => faults.push(error),
      interrupted: (error) => faults.push(error),
    });
    const quotas = new Quotas(await QuotaBucket.open(through, publisher, 1), clock, {
      taken: (permits) => (taken += permits),
      unguarded: (error) => faults.push(error),
    });
    const destinations = new Destinations({
      ...{ circuits, quotas, clock, room: 96, newProbeId: () => crypto.randomUUID() },
      observer: { postponed: (reason) => postponed.push(reason), untold: (error) => faults.push(error) },
    });
    await until('it follows', () => circuits.isFollowing);
    const enter = (visit: Omit<Visit, 'workspaceId'>) => destinations.enter({ workspaceId: WORKSPACE, ...visit });
    return {
      ...{ circuits, destinations, faults, postponed, enter },
      taken: () => taken,
      enterAll: (times: number, ...wanted: readonly Quota[]) =>
        Promise.all(Array.from({ length: times }, () => enter({ quotas: wanted }))),
      status: async () => (await quotas.list(WORKSPACE)).find(({ key }) => key === account.key),
      async [Symbol.asyncDispose](): Promise<void> {
        await destinations[Symbol.asyncDispose]();
        await quotas[Symbol.asyncDispose]();
        await circuits[Symbol.asyncDispose]();
        await publisher[Symbol.asyncDispose]();
      },
    };
  }
  type Process = Awaited<ReturnType<typeof openOn>>;

  const admitted = (entrances: readonly Entrance[]) =>
    entrances.flatMap((one) => (one.kind === 'admitted' ? [one] : []));
  const sentAway = (entrances: readonly Entrance[]) =>
    entrances.flatMap((one) => (one.kind === 'postponed' ? [one.untilMs - clock.ms] : []));
  const says = (remaining: number, resetInMs = HOUR, limit = account.limit): Allowance => ({
    ...{ kind: 'limited', limit, remaining, resetInMs },
  });
  /** One call, whose answer says what is left. */
  async function told(process: Process, allowance: Allowance): Promise<void> {
    const [first] = admitted(await process.enterAll(1, account));
    first?.learn(account.key, allowance);
    await process.destinations.settled();
  }

  it('are counted by all together, and who finds nothing left is sent away in line', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    const entrances = await Promise.all([here.enterAll(30, method), there.enterAll(30, method)]);
    expect(entrances.flatMap(admitted)).toHaveLength(20);
    const untils = entrances.flatMap(sentAway);
    expect(new Set(untils).size).toBe(40);
    expect(Math.min(...untils)).toBeGreaterThan(60_000);
    expect(entrances.flat().find(({ kind }) => kind === 'postponed')).toMatchObject({
      reason: { kind: 'rateLimit', key: method.key },
    });
    expect([here, there].flatMap((one) => one.postponed)).toEqual(Array(40).fill('rateLimit'));
    expect(here.taken() + there.taken()).toBe(20);
    // Each at its place, all of them get through, and none is sent away once more.
    const start = clock.ms;
    let through = 0;
    for (const [nth, untilMs] of untils.sort((one, other) => one - other).entries()) {
      clock.ms = start + untilMs;
      through += admitted(await (nth % 2 === 0 ? here : there).enterAll(1, method)).length;
    }
    expect(through).toBe(40);
  });

  it('that answers tell of begin with a few calls, and hear what other workers were told', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    const entrances = await Promise.all([here.enterAll(20, account), there.enterAll(20, account)]);
    const [first, ...others] = entrances.flatMap(admitted);
    expect(others).toHaveLength(9);
    expect(sentAway(entrances.flat()).every((untilMs) => untilMs >= 1_000 && untilMs < 1_200)).toBe(true);
    first?.learn(account.key, says(100));
    await Promise.all([here.destinations.settled(), there.destinations.settled()]);
    expect(await there.status()).toMatchObject({ limit: 5_000, left: 91, resetsAtMs: clock.ms + HOUR, known: true });
    expect(admitted(await there.enterAll(60, account))).toHaveLength(60);
    const rest = [await here.enterAll(60, account), await there.enterAll(60, account)];
    expect(rest.flatMap(admitted)).toHaveLength(31);
  });

  it('cost fewer messages than calls, and none at all while nothing is left', async () => {
    await using here = await openOn(connection);
    await told(here, says(4_999));
    const { client } = connection;
    let before = client.stats().outMsgs;
    for (let nth = 0; nth < 1_000; nth++) expect(admitted(await here.enterAll(1, account))).toHaveLength(1);
    expect(client.stats().outMsgs - before).toBeLessThan(40);
    const [one] = admitted(await here.enterAll(1, account));
    one?.learn(account.key, says(0));
    await here.destinations.settled();
    before = client.stats().outMsgs;
    const untils: number[] = [];
    for (let nth = 0; nth < 1_000; nth++) untils.push(...sentAway(await here.enterAll(1, account)));
    expect([untils.length, new Set(untils).size]).toEqual([1_000, 1_000]);
    expect(client.stats().outMsgs - before).toBeLessThan(40);
  });

  it('are held against what others use of the same account, at once and by everybody', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await told(here, says(4_999));
    const [call] = admitted(await there.enterAll(5, account));
    call?.learn(account.key, says(3));
    await there.destinations.settled();
    expect(await here.status()).toMatchObject({ left: 1 });
    const rest = [await there.enterAll(10, account), await here.enterAll(10, account)];
    expect(rest.flatMap(admitted)).toHaveLength(3);
    expect(sentAway(await there.enterAll(1, account))[0]).toBeGreaterThan(HOUR);
    clock.ms += HOUR + 2_000;
    expect(admitted(await here.enterAll(1, account))).toHaveLength(1);
    expect(await here.status()).toMatchObject({ known: false, left: null });
  });

  it('are all taken or none', async () => {
    await using here = await openOn(connection);
    await told(here, says(100));
    const rare: Quota = { ...method, key: `${method.key}/rare`, limit: 1 };
    expect(admitted(await here.enterAll(1, account, rare))).toHaveLength(1);
    const postponed = await here.enterAll(50, account, rare);
    expect(postponed.every((one) => one.kind === 'postponed' && one.reason.key === rare.key)).toBe(true);
    expect(admitted(await here.enterAll(99, account))).toHaveLength(99);
    expect(admitted(await here.enterAll(1, account))).toEqual([]);
  });

  it('count what attempts under way call after the first, which is held back by nothing', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    const [pager] = admitted(await here.enterAll(1, method));
    for (let page = 2; page <= 16; page++) pager?.spend(method.key);
    await here.destinations.settled();
    const before = [...(await there.enterAll(3, method)), ...(await here.enterAll(3, method))];
    expect(admitted(before)).toHaveLength(4);
    const other = { ...method, key: `${method.key}/other` };
    const [greedy] = admitted(await here.enterAll(1, other));
    for (let page = 2; page <= 30; page++) greedy?.spend(other.key);
    greedy?.spend('of nobody');
    await here.destinations.settled();
    clock.ms += 67_000;
    expect(admitted(await there.enterAll(30, other))).toHaveLength(20);
    expect(here.faults.concat(there.faults)).toEqual([]);
  });

  it('take calls after the first from what answers tell, and count none twice', async () => {
    await using here = await openOn(connection);
    await told(here, says(100));
    const [pager] = admitted(await here.enterAll(1, account));
    for (const remaining of [99, 98, 97]) {
      pager?.learn(account.key, says(remaining));
      pager?.spend(account.key);
    }
    await here.destinations.settled();
    expect(admitted(await here.enterAll(120, account))).toHaveLength(97);
  });

  it('are asked for behind the circuit and the room, which they leave free', async () => {
    await using here = await openOn(connection);
    const key = `host-${count}.example:443`;
    const rare = { ...method, limit: 2 };
    const first = await here.enter({ key, quotas: [rare] });
    for (let nth = 0; nth < 200; nth++) {
      const last = await here.enter({ key, quotas: [rare] });
      expect(last.kind === 'admitted' ? 'quota' : last.reason.kind).toBe(nth === 0 ? 'quota' : 'rateLimit');
    }
    if (first.kind === 'admitted') first.leave({ outcome: 'ok' });
    for (let nth = 0; nth < 10; nth++) {
      const failing = await here.enter({ key });
      if (failing.kind === 'admitted') failing.leave({ outcome: 'failed' });
    }
    await here.destinations.settled();
    expect(await here.enter({ key, quotas: [account] })).toMatchObject({ reason: { kind: 'circuit', key } });
    expect(await here.status()).toBeUndefined();
  });

  it('without a limit hold nothing back', async () => {
    await using here = await openOn(connection);
    await told(here, { kind: 'unlimited' });
    expect(admitted(await here.enterAll(3_000, account))).toHaveLength(3_000);
    expect(await here.status()).toMatchObject({ limit: null, left: null, known: true });
  });

  it('are those of one workspace', async () => {
    await using here = await openOn(connection);
    await told(here, says(0));
    const stranger = await here.destinations.enter({ workspaceId: 'ws_other', quotas: [account] });
    expect(stranger.kind).toBe('admitted');
    expect((await here.enter({ quotas: [account] })).kind).toBe('postponed');
  });

  it('with names that no subject could hold are let in', async () => {
    await using here = await openOn(connection);
    expect(admitted(await here.enterAll(30, { ...method, key: 'x'.repeat(LONGEST_KEY + 1) }))).toHaveLength(30);
    const odd = { ...method, key: 'ü*. >'.padEnd(LONGEST_KEY, 'x') };
    expect(admitted(await here.enterAll(30, odd))).toHaveLength(20);
  });

  it('are not held against anybody while NATS is away, and are again when it is back', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using there = await openOn(behind);
    expect(admitted(await there.enterAll(30, method))).toHaveLength(20);
    proxy.cut({ refusing: true });
    await until('it is lost', () => !behind.connected);
    const other = { ...method, key: `${method.key}/other` };
    const calls = admitted(await there.enterAll(50, account, other));
    expect(calls).toHaveLength(50);
    calls[0]?.learn(account.key, says(0));
    await there.destinations.settled();
    expect(there.faults.length).toBeGreaterThan(0);
    proxy.admit();
    await until('it is back', () => behind.connected);
    expect(admitted(await there.enterAll(30, other))).toHaveLength(20);
    expect(admitted(await there.enterAll(30, method))).toEqual([]);
  });
});
