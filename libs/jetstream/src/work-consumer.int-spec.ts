import {
  AckPolicy,
  jetstreamManager,
  RetentionPolicy,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import type { DeliveryInfo } from './delivery.ts';
import { JetStreamPublisher } from './publisher.ts';
import { GivenBack, WorkConsumer, type WorkConsumerOptions } from './work-consumer.ts';

/** Work that ends when the spec says so. */
class Bench {
  readonly begun: { readonly text: string; readonly info: DeliveryInfo; readonly end: () => void }[] = [];

  readonly work: WorkConsumerOptions['work'] = (message, info) =>
    new Promise((end) => this.begun.push({ text: message.string(), info, end }));

  get texts(): string[] {
    return this.begun.map(({ text }) => text);
  }
}

describe('WorkConsumer', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let other: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let stream: string;
  let ackWaitMs: number;
  let count = 0;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'work-consumer spec' });
    other = await JetStreamConnection.open({ servers: [nats.url], name: 'another worker' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const prepare = async (waitMs = 30_000): Promise<void> => {
    stream = `WORK${count++}`;
    ackWaitMs = waitMs;
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`], retention: RetentionPolicy.Workqueue });
    await ensureConsumer();
  };
  const ensureConsumer = async (): Promise<void> => {
    const acks = { ack_policy: AckPolicy.Explicit, ack_wait: ackWaitMs * 1e6, max_ack_pending: 20_000 };
    await manager.consumers.add(stream, { durable_name: 'w', ...acks });
  };
  const publish = (...texts: readonly string[]): Promise<number[]> =>
    Promise.all(texts.map((text) => publisher.publish(`${stream}.x`, text)));
  const workOn = (options: Pick<WorkConsumerOptions, 'work'> & Partial<WorkConsumerOptions>, by = connection) =>
    new WorkConsumer(by, {
      stream,
      consumer: 'w',
      slots: 4,
      ackWaitMs,
      onError: () => {},
      onGone: ensureConsumer,
      ...options,
    });
  const info = (): Promise<ConsumerInfo> => manager.consumers.info(stream, 'w');
  const isEmpty = async (): Promise<boolean> => (await manager.streams.info(stream)).state.messages === 0;

  it('works on 10,000 messages once each, as many at a time as it has slots', async () => {
    await prepare();
    const seen = new Map<string, number>();
    let most = 0;
    await using worker = workOn({
      slots: 50,
      work: async (message) => {
        seen.set(message.string(), (seen.get(message.string()) ?? 0) + 1);
        most = Math.max(most, worker.busySlots);
        await new Promise(setImmediate);
      },
    });
    for (let block = 0; block < 10; block++) {
      await publish(...Array.from({ length: 1000 }, (_, index) => String(block * 1000 + index)));
    }
    await until('all is done', isEmpty, 20_000);
    expect(seen.size).toBe(10_000);
    expect(new Set(seen.values())).toEqual(new Set([1]));
    expect(most).toBeLessThanOrEqual(50);
    await until('no slot is busy', () => worker.busySlots === 0);
    expect(await info()).toMatchObject({ num_ack_pending: 0, num_redelivered: 0 });
  });

  it('takes nothing while it is suspended, also from its beginning, and goes on when it is resumed', async () => {
    await prepare();
    const [one, two] = [new Bench(), new Bench()];
    await using worker = workOn({ work: one.work });
    await publish('a');
    await until('it is taken', () => one.begun.length === 1);
    worker.suspend();
    worker.suspend();
    await using late = workOn({ work: two.work, isSuspended: true }, other);
    await publish('b', 'c');
    one.begun[0]?.end();
    await until('what was in hand is done', () => worker.busySlots === 0);
    expect(await info()).toMatchObject({ num_ack_pending: 0, num_pending: 2 });
    late.resume();
    await until('the other takes the rest', () => two.begun.length === 2);
    for (const { end } of two.begun) end();
    worker.resume();
    await publish(...Array.from({ length: 8 }, (_, index) => String(index)));
    await until('both take', () => one.begun.length > 1 && two.begun.length > 2);
  });

  it('gives back what is not its to do, at once and without calling it a fault', async () => {
    await prepare();
    const done: number[] = [];
    await using _worker = workOn({
      work: async (_message, { deliveryCount }) => {
        if (deliveryCount === 1) throw new GivenBack();
        done.push(deliveryCount);
      },
      onError: (error) => expect(error).toBeUndefined(),
    });
    await publish('a');
    await until('it came again', isEmpty);
    expect(done).toEqual([2]);
  });

  it('shares a consumer with another worker, each within its slots', async () => {
    await prepare();
    const [one, two] = [new Bench(), new Bench()];
    await using _one = workOn({ work: one.work });
    await using _two = workOn({ work: two.work }, other);
    await publish(...Array.from({ length: 20 }, (_, index) => String(index)));
    await until('both are busy', () => one.begun.length === 4 && two.begun.length === 4);
    expect((await info()).num_ack_pending).toBe(8);
    const ended = new Set<object>();
    const endAll = (): void => {
      for (const task of [...one.begun, ...two.begun]) {
        ended.add(task);
        task.end();
      }
    };
    await until('all is done', async () => {
      endAll();
      return isEmpty();
    });
    expect([...one.texts, ...two.texts].toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index)),
    );
  });

  it('leaves what it had in hand to the other worker when it dies', async () => {
    await prepare(1000);
    const [dying, heir] = [new Bench(), new Bench()];
    const worker = workOn({ work: dying.work });
    await publish('a', 'b', 'c');
    await until('it has all', () => dying.begun.length === 3);
    await worker[Symbol.asyncDispose]();
    await using _heir = workOn({ work: heir.work }, other);
    await until('the other has all', () => heir.begun.length === 3);
    expect(heir.texts.toSorted()).toEqual(['a', 'b', 'c']);
    expect(heir.begun.map((task) => task.info.deliveryCount)).toEqual([2, 2, 2]);
    for (const task of heir.begun) task.end();
    await until('all is done', isEmpty);
    for (const task of dying.begun) task.end();
  });

  it('keeps alive what takes longer than the ack wait', async () => {
    await prepare(600);
    let keptAlive = 0;
    const spy = other.client.subscribe(`$JS.ACK.${stream}.>`, {
      callback: (_error, message) => {
        if (message.string() === '+WPI') keptAlive++;
      },
    });
    await other.client.flush();
    const bench = new Bench();
    await using _worker = workOn({ work: bench.work });
    await publish('long');
    await until('four ack waits have gone by', () => keptAlive >= 12);
    bench.begun[0]?.end();
    await until('it is done', isEmpty);
    expect(bench.texts).toEqual(['long']);
    expect((await info()).num_redelivered).toBe(0);
    spy.unsubscribe();
  });

  it('gets back what it could not do, a while later, and says why', async () => {
    await prepare();
    const told: [unknown, number][] = [];
    const deliveries: { count: number; at: number }[] = [];
    await using _worker = workOn({
      work: async (_message, { deliveryCount }) => {
        deliveries.push({ count: deliveryCount, at: performance.now() });
        if (deliveryCount < 3) throw new Error(`not at delivery ${deliveryCount}`);
      },
      onError: (error, { deliveryCount }) => told.push([(error as Error).message, deliveryCount]),
    });
    await publish('hard');
    await until('it is done', isEmpty);
    expect(told).toEqual([
      ['not at delivery 1', 1],
      ['not at delivery 2', 2],
    ]);
    expect(deliveries.map((delivery) => delivery.count)).toEqual([1, 2, 3]);
    expect(deliveries[2]!.at - deliveries[0]!.at).toBeGreaterThan(900);
  });

  it('takes nothing new while it drains, and passes on at once what was on its way', async () => {
    await prepare();
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'draining' });
    const [bench, heir] = [new Bench(), new Bench()];
    await using worker = workOn({ work: bench.work }, behind);
    await publish('in hand');
    await until('it is in hand', () => bench.begun.length === 1);
    proxy.hold();
    await publish('on its way', 'too');
    await until('they are on their way', async () => (await info()).num_ack_pending === 3);
    let drained = false;
    const drain = worker.drain().then(() => (drained = true));
    proxy.release();
    await using _heir = workOn({ work: heir.work }, other);
    await until('the other has them', () => heir.begun.length === 2);
    expect(heir.texts.toSorted()).toEqual(['on its way', 'too']);
    expect(bench.texts).toEqual(['in hand']);
    expect(drained).toBe(false);
    for (const task of [...bench.begun, ...heir.begun]) task.end();
    await drain;
    await until('all is done', isEmpty);
    await publish('later');
    await until('the other has it', () => heir.texts.includes('later'));
    heir.begun.at(-1)?.end();
    expect(bench.texts).toEqual(['in hand']);
  });

  it('drains while NATS is away', async () => {
    await prepare();
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'away' });
    const bench = new Bench();
    await using worker = workOn({ work: bench.work }, behind);
    await publish('a');
    await until('it is in hand', () => bench.begun.length === 1);
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !behind.connected);
    const drained = worker.drain();
    bench.begun[0]?.end();
    await drained;
    expect(worker.busySlots).toBe(0);
  });

  it('goes on when the server is killed and started, and no work is lost', async () => {
    await prepare(1000);
    const done = new Set<string>();
    await using worker = workOn({
      work: async (message) => {
        await new Promise(setImmediate);
        done.add(message.string());
      },
    });
    const texts = Array.from({ length: 3000 }, (_, index) => String(index));
    for (let from = 0; from < 3000; from += 500) await publish(...texts.slice(from, from + 500));
    await until('some is done', () => done.size > 100);
    await nats.kill();
    await nats.start();
    await until('all is done', async () => done.size === 3000 && connection.connected && (await isEmpty()), 20_000);
    await until('no slot is busy', () => worker.busySlots === 0);
  });

  it('gets back what it did while the connection was away, as nobody knows that it is done', async () => {
    await prepare(1000);
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'away' });
    const bench = new Bench();
    await using worker = workOn({ work: bench.work }, behind);
    await publish('a');
    await until('it is in hand', () => bench.begun.length === 1);
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !behind.connected);
    bench.begun[0]?.end();
    await until('no slot is busy', () => worker.busySlots === 0);
    proxy.admit();
    await until('it comes again', () => bench.begun.length === 2);
    expect(bench.begun[1]?.info).toMatchObject({ deliveryCount: 2 });
    bench.begun[1]?.end();
    await until('it is done', isEmpty);
  });

  describe('work that fails', () => {
    const failing = (afterFailure: WorkConsumerOptions['afterFailure']) => {
      const deliveries: number[] = [];
      const errors: unknown[] = [];
      const worker = workOn({
        work: (_message, { deliveryCount }) => {
          deliveries.push(deliveryCount);
          return Promise.reject(new Error(`failed ${deliveryCount}`));
        },
        onError: (error) => void errors.push(error),
        afterFailure,
      });
      return { worker, deliveries, errors };
    };

    it('comes again as soon as its owner says, until that says that it is done', async () => {
      await prepare();
      const asked: unknown[] = [];
      const { worker, deliveries, errors } = failing((error, message, { deliveryCount }) => {
        asked.push([(error as Error).message, message.string()]);
        return Promise.resolve(deliveryCount < 5 ? { againAfterMs: 1 } : 'done');
      });
      await using _worker = worker;
      await publish('a');
      await until('it is gone', isEmpty);
      expect(deliveries).toEqual([1, 2, 3, 4, 5]);
      expect(asked).toEqual([1, 2, 3, 4, 5].map((n) => [`failed ${n}`, 'a']));
      expect(errors).toHaveLength(5);
    });

    it('comes again when its owner can not say', async () => {
      await prepare();
      const fault = new Error('not now');
      const { worker, deliveries, errors } = failing((_error, _message, { deliveryCount }) =>
        deliveryCount === 1 ? Promise.reject(fault) : Promise.resolve('done'),
      );
      await using _worker = worker;
      await publish('a');
      await until('it is gone', isEmpty);
      expect(deliveries).toEqual([1, 2]);
      expect(errors).toContain(fault);
    });
  });

  it('goes on when its consumer is deleted under it', async () => {
    await prepare();
    const bench = new Bench();
    await using _worker = workOn({ work: bench.work });
    await publish('before');
    await until('it is in hand', () => bench.begun.length === 1);
    await manager.consumers.delete(stream, 'w');
    await publish('after');
    await until('both are in hand', () => bench.texts.includes('after'));
    for (const task of bench.begun) task.end();
    await until('nothing of it is left', async () => {
      for (const task of bench.begun) task.end();
      return isEmpty();
    });
  });
});
