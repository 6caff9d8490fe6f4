import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import fc from 'fast-check';
import { JetStreamConnection, openBucket } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { Lease, readLease } from './index.ts';

const STREAM = 'KV_leases';
const PLACE = { key: 'work', replicas: 1 };
const TTL_MS = 1_000;
const ACTS = ['hold', 'cut', 'freeze', 'resign'] as const;

/** A process that wants the lease, with a network and a clock of its own; after each end it comes back under another name. */
class Contender implements AsyncDisposable {
  #lease: Lease | undefined;
  #life = 0;
  #frozenMs = 0;

  private constructor(
    private readonly name: string,
    private readonly proxy: TcpProxy,
    private readonly connection: JetStreamConnection,
    private readonly onAcquired: (who: Contender, token: number) => void,
  ) {}

  static async start(name: string, port: number, onAcquired: Contender['onAcquired']): Promise<Contender> {
    const proxy = await TcpProxy.start(port);
    const connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name });
    const contender = new Contender(name, proxy, connection, onAcquired);
    await contender.begin();
    return contender;
  }

  get token(): number | undefined {
    return this.#lease?.token;
  }

  async begin(): Promise<void> {
    this.#lease = await Lease.open(this.connection, {
      ...PLACE,
      ttlMs: TTL_MS,
      holder: `${this.name}:${this.#life++}`,
      describe: () => ({}),
      clock: { nowMs: () => 0 },
      monotonicMs: () => performance.now() + this.#frozenMs,
      observer: { acquired: (token) => this.onAcquired(this, token), lost: () => undefined, fault: () => undefined },
    });
  }

  /** Comes to itself again after half a minute in which it saw and did nothing. */
  freeze(): void {
    this.#frozenMs += 30_000;
  }

  async resign(): Promise<void> {
    await this.#lease?.[Symbol.asyncDispose]();
    await this.begin();
  }

  async loseNetwork(how: 'hold' | 'cut'): Promise<void> {
    if (how === 'hold') return this.proxy.hold();
    this.proxy.cut({ refusing: true });
    await until(`${this.name} is cut off`, () => !this.connection.connected);
  }

  async findNetwork(): Promise<void> {
    this.proxy.admit();
    this.proxy.release();
    await until(`${this.name} is connected`, () => this.connection.connected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lease?.[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
  }
}

describe('a lease when much goes wrong', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let acquisitions: { readonly token: number; readonly others: number }[];
  let contenders: Contender[];

  beforeEach(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'lease faults spec' });
    manager = await jetstreamManager(connection.client);
    acquisitions = [];
    contenders = [];
  });
  afterEach(async () => {
    for (const contender of contenders) await contender[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  /** A token is only ever given by an acquisition, so two are held at once exactly if one of these finds another one held. */
  const note = (who: Contender, token: number): void => {
    const others = contenders.filter((one) => one !== who && one.token !== undefined).length;
    acquisitions.push({ token, others });
  };
  const contend = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) contenders.push(await Contender.start(`p${index}`, nats.port, note));
  };
  const holderOf = (among: readonly Contender[]): Contender | undefined =>
    among.find(({ token }) => token !== undefined);
  const isHeldBy = async (among: readonly Contender[]): Promise<Contender> => {
    await until('one holds it', () => holderOf(among) !== undefined);
    return holderOf(among)!;
  };
  const isKept = async (): Promise<void> => {
    const revision = async () => (await manager.streams.getMessage(STREAM, { last_by_subj: '$KV.leases.work' }))?.seq;
    const before = Number(await revision());
    await until('it is renewed', async () => Number(await revision()) > before + 1);
  };

  it('is never held by two, whatever is cut, frozen, resigned and found again', async () => {
    await contend(3);
    const away = new Set<Contender>();
    const find = async (who: Contender): Promise<void> => {
      await who.findNetwork();
      away.delete(who);
    };
    const perform = async (act: (typeof ACTS)[number], who: Contender): Promise<void> => {
      if (act === 'freeze') return who.freeze();
      if (away.has(who)) return find(who);
      if (act === 'resign') return who.resign();
      for (const one of away) if (away.size > 1) await find(one);
      await who.loseNetwork(act);
      away.add(who);
    };
    // Half of the acts are the holder's, as those of others matter little.
    const step = fc.record({ act: fc.constantFrom(...ACTS), place: fc.constantFrom(0, 0, 1, 2) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 6 }), async (steps) => {
        for (const { act, place } of steps) {
          const holder = await isHeldBy(contenders.filter((one) => !away.has(one)));
          await perform(act, [holder, ...contenders.filter((one) => one !== holder)][place]!);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
    expect(acquisitions.filter(({ others }) => others > 0)).toEqual([]);
    const tokens = acquisitions.map(({ token }) => token);
    expect(tokens).toEqual([...new Set(tokens)].sort((one, other) => one - other));
  });

  it('stays with its holder, or is held anew, when NATS is killed and started', async () => {
    await contend(2);
    await isHeldBy(contenders);
    for (let round = 0; round < 2; round++) {
      await nats.kill();
      await until('nobody surely holds it', () => holderOf(contenders) === undefined);
      await nats.start();
      expect(await connection.backWithin(10_000)).toBe(true);
      await isHeldBy(contenders);
      await isKept();
    }
    expect(acquisitions).toHaveLength(3);
    expect(acquisitions.filter(({ others }) => others > 0)).toEqual([]);
    const tokens = acquisitions.map(({ token }) => token);
    expect(tokens).toEqual([...tokens].sort((one, other) => one - other));
  });

  it('outlives the bucket: it is made again, and held again', async () => {
    await contend(2);
    await isHeldBy(contenders);
    await manager.streams.delete(STREAM);
    await until('it is held anew', () => acquisitions.length > 1);
    await isKept();
    expect((await manager.streams.info(STREAM)).config).toMatchObject({ allow_msg_ttl: true });
    expect(contenders.filter(({ token }) => token !== undefined)).toHaveLength(1);
  });

  it('is taken though its end left no mark', async () => {
    await contend(2);
    const dead = await isHeldBy(contenders);
    // By then the other one follows.
    await isKept();
    await dead.loseNetwork('cut');
    await manager.streams.purge(STREAM);
    const heir = await isHeldBy(contenders.filter((one) => one !== dead));
    expect(heir.token).toBe(acquisitions.at(-1)?.token);
    expect(await readLease(connection, PLACE)).toMatchObject({ token: heir.token });
  });

  it('lies in a bucket that is made as it must be, and changed when it differs', async () => {
    await openBucket(connection, { name: 'leases', description: 'of before', replicas: 1 });
    expect((await manager.streams.info(STREAM)).config).toMatchObject({ description: 'of before' });
    await contend(1);
    await isHeldBy(contenders);
    expect((await manager.streams.info(STREAM)).config).toMatchObject({
      description: 'Who does what only one may do',
      allow_msg_ttl: true,
      subject_delete_marker_ttl: 60_000_000_000,
      max_msgs_per_subject: 1,
      num_replicas: 1,
    });
  });
});
