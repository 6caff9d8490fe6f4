import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { toInstant, type JsonObject } from '#libs/kernel';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { Lease, readLease, type LeaseLoss, type LeaseOptions } from './index.ts';

const STREAM = 'KV_leases';
const PLACE = { key: 'work', replicas: 1 };
const SUBJECT = `$KV.leases.${PLACE.key}`;
const TTL_MS = 1_000;
const LONG_TTL_MS = 600_000;

interface Told {
  readonly who: string;
  readonly what: 'acquired' | LeaseLoss;
  readonly token?: number;
}

describe('Lease', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  const clock = { nowMs: () => Date.UTC(2026, 10, 28) };
  let told: Told[] = [];
  let faults: unknown[] = [];

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'lease spec' });
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(() => {
    told = [];
    faults = [];
  });
  afterEach(async () => {
    await manager.streams.delete(STREAM);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const open = (who: string, options: Partial<LeaseOptions> = {}, over = connection): Promise<Lease> =>
    Lease.open(over, {
      ...PLACE,
      ttlMs: TTL_MS,
      holder: who,
      describe: () => ({}),
      clock,
      monotonicMs: () => performance.now(),
      observer: {
        acquired: (token) => void told.push({ who, what: 'acquired', token }),
        lost: (what) => void told.push({ who, what }),
        fault: (error) => void faults.push(error),
      },
      ...options,
    });
  const happened = (who: string, what: Told['what']): boolean =>
    told.some((one) => one.who === who && one.what === what);
  const holds = (lease: Lease): (() => boolean) => {
    return () => lease.token !== undefined;
  };
  const stored = async () => {
    const message = await manager.streams.getMessage(STREAM, { last_by_subj: SUBJECT });
    if (!message) throw new Error('there is no entry');
    return message;
  };
  const revision = async (): Promise<number> => (await stored()).seq;
  const behind = async (proxy: TcpProxy): Promise<JetStreamConnection> =>
    JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'lease spec, behind' });

  it('is held by one of several who want it', async () => {
    await using stack = new AsyncDisposableStack();
    const leases = await Promise.all(Array.from({ length: 5 }, async (_, index) => stack.use(await open(`p${index}`))));
    await until('one holds it', () => leases.some((lease) => lease.token !== undefined));
    // Long enough for the others to have tried, and for the one to have renewed it.
    const first = await revision();
    await until('it was renewed', async () => (await revision()) >= first + 4);
    expect(told).toEqual([
      { who: expect.any(String) as string, what: 'acquired', token: expect.any(Number) as number },
    ]);
    expect(leases.filter((lease) => lease.token !== undefined)).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  it('is kept for longer than it is good for, with its time to live in each renewal', async () => {
    await using lease = await open('a');
    await until('it is held', holds(lease));
    const { token } = lease;
    const seen = new Map<number, string>();
    await until('it was renewed for longer than it is good for', async () => {
      const { seq, header } = await stored();
      seen.set(seq, header.get('Nats-TTL'));
      return seen.size > 6;
    });
    expect(new Set(seen.values())).toEqual(new Set(['1s']));
    expect(lease.token).toBe(token);
    expect(told).toEqual([{ who: 'a', what: 'acquired', token }]);
  });

  it('is handed over at once when its holder resigns, to a greater token each time', async () => {
    const options = { ttlMs: LONG_TTL_MS };
    let holder = await open('p0', options);
    await until('the first holds it', holds(holder));
    const tokens = [holder.token];
    for (let turn = 1; turn <= 5; turn++) {
      const next = await open(`p${turn}`, options);
      expect(next.token).toBeUndefined();
      await holder[Symbol.asyncDispose]();
      expect(holder.token).toBeUndefined();
      await until('the next holds it', holds(next));
      tokens.push(next.token);
      holder = next;
    }
    await holder[Symbol.asyncDispose]();
    expect(tokens).toEqual([...new Set(tokens)].sort((one, other) => Number(one) - Number(other)));
    const turns = tokens.flatMap((token, turn) => [
      { who: `p${turn}`, what: 'acquired', token },
      { who: `p${turn}`, what: 'resigned' },
    ]);
    expect(told).toEqual(turns);
    expect(faults).toEqual([]);
  });

  it('passes to another one after its time when its holder is cut off, who gave it up before', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using far = await behind(proxy);
    await using cutOff = await open('cut off', {}, far);
    await until('it is held', holds(cutOff));
    await using other = await open('other');
    proxy.hold();
    await until('the other one has it', holds(other));
    expect(cutOff.token).toBeUndefined();
    const [first, ...then] = told;
    expect(then).toEqual([
      { who: 'cut off', what: 'expired' },
      { who: 'other', what: 'acquired', token: other.token },
    ]);
    expect(other.token).toBeGreaterThan(Number(first?.token));
    proxy.release();
    const seen = await revision();
    await until('the other one renews it', async () => (await revision()) > seen);
    expect(told).toHaveLength(3);
  });

  it('comes back to its holder when nobody else wants it, with another token', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using far = await behind(proxy);
    await using lease = await open('a', {}, far);
    await until('it is held', holds(lease));
    const { token } = lease;
    proxy.hold();
    await until('it is given up', () => happened('a', 'expired'));
    proxy.cut();
    await until('it is held again', holds(lease));
    expect(lease.token).toBeGreaterThan(Number(token));
    expect(told.map(({ what }) => what)).toEqual(['acquired', 'expired', 'acquired']);
  });

  it('stays with its holder when the connection is lost for less than its time', async () => {
    const ttlMs = 6_000;
    await using proxy = await TcpProxy.start(nats.port);
    await using far = await behind(proxy);
    await using lease = await open('a', { ttlMs }, far);
    await until('it is held', holds(lease));
    const { token } = lease;
    // The renewal is stored, and its answer is lost.
    proxy.hold();
    const before = await revision();
    await until('a renewal is stored', async () => (await revision()) > before);
    const unanswered = await revision();
    proxy.cut();
    await until('it is renewed again', async () => (await revision()) > unanswered);
    await until('that is answered', async () => (await revision()) > unanswered + 1);
    expect(lease.token).toBe(token);
    expect(told).toEqual([{ who: 'a', what: 'acquired', token }]);
  });

  it('is not surely held any more as soon as the clock says so, before anything else has run', async () => {
    let frozenMs = 0;
    await using lease = await open('a', { monotonicMs: () => performance.now() + frozenMs });
    await until('it is held', holds(lease));
    const { token } = lease;
    frozenMs += 30_000;
    expect(lease.token).toBeUndefined();
    await until('it is held anew', holds(lease));
    expect(lease.token).toBeGreaterThan(Number(token));
    expect(told.map(({ what }) => what)).toEqual(['acquired', 'expired', 'acquired']);
  });

  it('is resigned by a holder that is not fit for it any more, who takes it again when it is', async () => {
    const ttlMs = LONG_TTL_MS;
    let isFit = true;
    await using lease = await open('a', { ttlMs, isFit: () => isFit });
    await until('it is held', holds(lease));
    await using unfit = await open('unfit', { ttlMs, isFit: () => false });
    const other = await open('b', { ttlMs });
    isFit = false;
    lease.reconsider();
    await until('the other one has it', holds(other));
    await other[Symbol.asyncDispose]();
    expect(await readLease(connection, PLACE)).toBeUndefined();
    isFit = true;
    lease.reconsider();
    await until('it is held again', holds(lease));
    expect(unfit.token).toBeUndefined();
    expect(told.map(({ who, what }) => `${who} ${what}`)).toEqual([
      ...['a acquired', 'a resigned', 'b acquired', 'b resigned', 'a acquired'],
    ]);
    expect(faults).toEqual([]);
  });

  it('is resigned at the next renewal, and taken within a second, when nobody says that it turned', async () => {
    let isFit = true;
    await using lease = await open('a', { isFit: () => isFit });
    await until('it is held', holds(lease));
    isFit = false;
    await until('it is given up', () => happened('a', 'resigned'));
    await until('nobody has it', async () => (await readLease(connection, PLACE)) === undefined);
    isFit = true;
    await until('it is held again', holds(lease));
    expect(told.map(({ what }) => what)).toEqual(['acquired', 'resigned', 'acquired']);
  });

  it('is lost at once when its entry is removed or written over', async () => {
    await using lease = await open('a', { ttlMs: LONG_TTL_MS });
    await until('it is held', holds(lease));
    const first = Number(lease.token);
    await connection.client.request(SUBJECT, '');
    await until('it is taken again', () => Number(lease.token) > first + 1);
    const foreign = JSON.stringify({ holder: 'b', since: toInstant(0), about: {} });
    await connection.client.request(SUBJECT, foreign);
    await until('it is lost', () => lease.token === undefined);
    expect(told.map(({ what }) => what)).toEqual(['acquired', 'taken', 'acquired', 'taken']);
    expect(await readLease(connection, PLACE)).toMatchObject({ holder: 'b', token: first + 3 });
    await connection.client.request(SUBJECT, 'of a version to come');
    expect(await readLease(connection, PLACE)).toBeUndefined();
    expect(lease.token).toBeUndefined();
  });

  it('tells who asks: the holder, since when, the token, and what the holder says of its work', async () => {
    expect(await readLease(connection, PLACE)).toBeUndefined();
    let about: JsonObject = { due: 1 };
    const lease = await open('a', { describe: () => about });
    await until('it is held', holds(lease));
    const { token } = lease;
    expect(await readLease(connection, PLACE)).toEqual({ holder: 'a', since: toInstant(clock.nowMs()), token, about });
    about = { due: 2 };
    await until('it is told anew', async () => (await readLease(connection, PLACE))?.about['due'] === 2);
    expect(await readLease(connection, PLACE)).toMatchObject({ holder: 'a', token });
    await lease[Symbol.asyncDispose]();
    expect(await readLease(connection, PLACE)).toBeUndefined();
  });

  it('is free for the next one after a holder that died', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    const dying = await behind(proxy);
    await using dead = await open('host:1:a', {}, dying);
    await until('it is held', holds(dead));
    proxy.cut({ refusing: true });
    await using restarted = await open('host:1:b');
    await until('it is held again', holds(restarted));
    expect(told.map(({ who, what }) => `${who} ${what}`)).toEqual([
      'host:1:a acquired',
      'host:1:a expired',
      'host:1:b acquired',
    ]);
    await dying[Symbol.asyncDispose]();
  });

  it('leaves nothing behind when it ends: no consumer, no fault', async () => {
    const [one, other] = [await open('one'), await open('other')];
    await until('one of them has it', () => told.length > 0);
    await Promise.all([one, other].map((lease) => lease[Symbol.asyncDispose]()));
    await until('nobody follows', async () => (await manager.streams.info(STREAM)).state.consumer_count === 0);
    expect(faults).toEqual([]);
  });

  it('is for whole seconds', async () => {
    await expect(open('a', { ttlMs: 1_500 })).rejects.toThrow('whole seconds');
    await expect(open('a', { ttlMs: 0 })).rejects.toThrow('whole seconds');
  });
});
