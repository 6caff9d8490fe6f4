import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { GateBucket } from './gate-bucket.ts';
import { gateLineStream, GateLineStream } from './gate-line-stream.ts';
import { holdersOf, PlacesInLine, waitsInLine } from './places-in-line.ts';
import { tokenOf } from './token-of.ts';
import { gateLinesContract, gatedPlan, gateValuesContract, GateWorld } from './testing/index.ts';

interface Ports extends AsyncDisposable {
  readonly connection: JetStreamConnection;
  readonly values: GateBucket;
  readonly lines: GateLineStream;
}

async function portsOn(servers: string): Promise<Ports> {
  const connection = await JetStreamConnection.open({ servers: [servers], name: 'gates spec' });
  const publisher = new JetStreamPublisher(connection);
  const manager = await jetstreamManager(connection.client);
  return {
    connection,
    values: await GateBucket.open(connection, publisher, 1),
    lines: new GateLineStream(connection, publisher, manager),
    [Symbol.asyncDispose]: async () => {
      await publisher[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** What the server answers from now on is lost; what it is told still arrives. Resolves when there is a connection again. */
async function cutSoon(proxy: TcpProxy, connection: JetStreamConnection): Promise<void> {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const unobserve = connection.observe({ lost: resolve });
  proxy.hold();
  await delay(20);
  proxy.cut();
  await lost;
  unobserve();
  expect(await connection.backWithin(10_000)).toBe(true);
}

const newToken = (): string => randomUUID();
const key = '{{ trigger.body.key }}';

describe('gates on NATS', () => {
  let nats: TestNats;
  let ports: Ports;
  let manager: JetStreamManager;

  beforeAll(async () => {
    nats = await startTestNats();
    ports = await portsOn(nats.url);
    manager = await jetstreamManager(ports.connection.client);
    await reconcileStream(manager, gateLineStream(1));
  });
  afterAll(async () => {
    await ports[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  describe('GateBucket', () => {
    gateValuesContract(() => ports.values, newToken);

    it('forgets what expires, without a trace', async () => {
      const token = newToken();
      await ports.values.tryWrite(token, { brief: true }, { revision: 0, expiresAfterMs: 1 });
      await until('it is gone', async () => (await ports.values.read(token)).revision === 0);
      expect(await ports.values.tryWrite(token, { again: true }, { revision: 0 })).toBe(true);
    });

    it('keeps what was brief once it is written to stay', async () => {
      const [token, other] = [newToken(), newToken()];
      await ports.values.tryWrite(token, { holders: [] }, { revision: 0, expiresAfterMs: 1_000 });
      await ports.values.tryWrite(token, { holders: ['ex_1'] }, await ports.values.read(token));
      await ports.values.tryWrite(other, {}, { revision: 0, expiresAfterMs: 1_000 });
      await until('one that was written later is gone', async () => (await ports.values.read(other)).revision === 0);
      expect((await ports.values.read(token)).value).toEqual({ holders: ['ex_1'] });
    });
  });

  describe('GateLineStream', () => {
    gateLinesContract(() => ports.lines, newToken);

    it('says who stands where', async () => {
      const [token, other] = [newToken(), newToken()];
      const join = (executionId: string, line = token) =>
        ports.lines.join(line, { executionId, gate: 0, limit: 1, onLimit: 'queue' });
      for (const id of ['ex_1', 'ex_2', 'ex_3']) {
        await join(id, other);
        await join(id);
      }
      const places = async () =>
        Promise.all(['ex_1', 'ex_2', 'ex_3', 'ex_4'].map((id) => ports.lines.placeOf(token, id)));
      expect(await places()).toEqual([1, 2, 3, undefined]);
      await ports.lines.drop(token, 'ex_2');
      expect(await places()).toEqual([1, undefined, 2, undefined]);
      await ports.lines.drop(token, 'ex_1');
      expect(await places()).toEqual([undefined, undefined, 1, undefined]);
    });

    it('finds the line by the key', async () => {
      const key = randomUUID();
      const places = new PlacesInLine(ports.lines);
      const applicant = { executionId: 'ex_1', gate: 1, limit: 1, onLimit: 'queue' } as const;
      await ports.lines.join(tokenOf({ kind: 'concurrency', key }), applicant);
      expect(await places.placeOf('ex_1', key)).toBe(1);
      expect(await places.placeOf('ex_1', `${key} `)).toBeUndefined();
    });

    it('shows who only looks the line and who is beyond it', async () => {
      const key = randomUUID();
      const token = tokenOf({ kind: 'concurrency', key });
      const { connection, lines, values } = ports;
      expect([await waitsInLine(connection, 'ex_2', key), await holdersOf(connection, key)]).toEqual([false, []]);
      await lines.join(token, { executionId: 'ex_2', gate: 0, limit: 1, onLimit: 'queue' });
      await values.tryWrite(token, { holders: ['ex_1'] }, { revision: 0 });
      expect([await waitsInLine(connection, 'ex_2', key), await holdersOf(connection, key)]).toEqual([true, ['ex_1']]);
    });
  });

  it('two workers, each with its own connection, never let more begin than the limit, and all in the end', async () => {
    await using other = await portsOn(nats.url);
    const plan = gatedPlan({ settings: { concurrency: { limit: 2, key } } });
    let turn = 0;
    const either = <Name extends 'values' | 'lines'>(name: Name): Ports[Name] => (turn++ % 2 ? ports : other)[name];
    const world = new GateWorld(plan, {
      values: {
        read: (token) => either('values').read(token),
        tryWrite: (token, value, at) => either('values').tryWrite(token, value, at),
      },
      lines: {
        join: (token, applicant) => either('lines').join(token, applicant),
        first: (token) => either('lines').first(token),
        drop: (token, executionId) => either('lines').drop(token, executionId),
      },
    });
    let most = 0;
    world.onCommit = () => (most = Math.max(most, world.underWay.size));
    const ids = Array.from({ length: 24 }, (_, index) => `ex_${index}`);
    const run = randomUUID();
    const workers = [world.newWorker(), world.newWorker()];
    for (const id of ids) await world.start(workers[0]!, id, run);
    // Side by side: whoever takes a task does all of it, and finishing makes new ones.
    while (world.tasks.length > 0) {
      const some = world.tasks.splice(0, 8);
      await Promise.all(some.map((task, index) => workers[index % 2]!.run(task)));
    }
    expect(most).toBe(2);
    expect(world.events.filter(({ event }) => event.type === 'ExecutionSucceeded')).toHaveLength(ids.length);
    const token = tokenOf({ kind: 'concurrency', key: `wf_drawn/${run}` });
    expect(await ports.lines.first(token)).toBeUndefined();
    expect((await ports.values.read(token)).value).toEqual({ holders: [] });
  });

  it('while NATS is away says so, and goes on where it stopped when it is back', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await portsOn(`127.0.0.1:${proxy.port}`);
    const world = new GateWorld(gatedPlan({ settings: { concurrency: { limit: 1, key } } }), behind);
    const worker = world.newWorker();
    const run = randomUUID();
    await world.start(worker, 'ex_1', run);
    await world.settle(worker);
    await world.start(worker, 'ex_2', run);
    await worker.run(world.tasks.pop()!);
    const admit = world.tasks.pop()!;
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !behind.connection.connected);
    await expect(worker.run(admit)).rejects.toThrow(LogUnavailableError);
    await expect(behind.lines.drop('token', 'ex_1')).rejects.toThrow(LogUnavailableError);
    proxy.admit();
    expect(await behind.connection.backWithin(10_000)).toBe(true);
    await worker.run(admit);
    expect([...world.underWay]).toEqual(['ex_1']);
    await worker.run({ kind: 'finish', executionId: 'ex_1' });
    await world.settle(worker);
    expect([...world.underWay]).toEqual(['ex_2']);
  });

  it('cut off in the middle of asking loses neither a place nor a turn', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await portsOn(`127.0.0.1:${proxy.port}`);
    const world = new GateWorld(gatedPlan({ settings: { concurrency: { limit: 1, key } } }), behind);
    const worker = world.newWorker();
    const run = randomUUID();
    await world.start(worker, 'ex_1', run);
    await world.start(worker, 'ex_2', run);
    for (let task = world.tasks.shift(); task; task = world.tasks.shift()) {
      // Once at each write, of which nobody knows then whether it was; until it comes to its end undisturbed.
      for (let cutAt = 0, isCut = true; isCut; cutAt++) {
        isCut = false;
        let writes = 0;
        let cut = Promise.resolve();
        const running = worker.run(task, async (method) => {
          if (!['tryWrite', 'join', 'drop'].includes(method) || writes++ !== cutAt) return;
          isCut = true;
          cut = cutSoon(proxy, behind.connection);
        });
        await running.catch((error: unknown) => expect(error).toBeInstanceOf(LogUnavailableError));
        await cut;
      }
    }
    expect(world.events.filter(({ event }) => event.type === 'ExecutionSucceeded')).toHaveLength(2);
  });
});
