import { AckPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { headers as newHeaders, type Msg } from '@nats-io/nats-core';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import { JetStreamPublisher } from './publisher.ts';
import { PullFlow, type PullFlowOptions } from './pull-flow.ts';

interface PullRequest {
  readonly reply: string;
  readonly batch: number;
}

describe('PullFlow', () => {
  let nats: TestNats;
  let server: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let stream: string;
  let count = 0;

  beforeAll(async () => {
    nats = await startTestNats();
    server = await JetStreamConnection.open({ servers: [nats.url], name: 'pull-flow spec' });
    publisher = new JetStreamPublisher(server);
    manager = await jetstreamManager(server.client);
  });
  beforeEach(async () => {
    stream = `PULL${count++}`;
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
    await addConsumer();
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const addConsumer = async (): Promise<void> => {
    await manager.consumers.add(stream, { durable_name: 'c', ack_policy: AckPolicy.None });
  };
  const publish = async (from: number, to: number): Promise<void> => {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    await Promise.all(numbers.map((number) => publisher.publish(`${stream}.n`, String(number))));
  };
  const flowOn = (connection: JetStreamConnection, options: Partial<PullFlowOptions>): PullFlow =>
    new PullFlow(connection, {
      stream,
      consumer: 'c',
      window: 10,
      onMessage: () => {},
      onGone: addConsumer,
      ...options,
    });
  /** Hears each pull as the server does, also the first one that another connection sends. */
  const listen = async (to: string): Promise<PullRequest[]> => {
    const requests: PullRequest[] = [];
    server.client.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${to}.c`, {
      callback: (_error, message) => {
        if (message.reply) requests.push({ reply: message.reply, batch: message.json<{ batch: number }>().batch });
      },
    });
    await server.client.flush();
    return requests;
  };

  it.each([1, 3, 10, 200])('gives every message once, with a window of %i that is never exceeded', async (window) => {
    const taken: number[] = [];
    let most = 0;
    await using flow = flowOn(server, {
      window,
      onMessage: (message) => {
        taken.push(Number(message.string()));
        most = Math.max(most, flow.inHand);
        // Places become free one by one and in bursts.
        if (taken.length % 3 > 0) setImmediate(() => flow.release());
        else process.nextTick(() => flow.release());
      },
    });
    await publish(0, 1500);
    await until('all are taken', () => taken.length >= 1500);
    await publish(1500, 1510);
    await until('the last are taken', () => taken.length >= 1510);
    expect(taken).toEqual(Array.from({ length: 1510 }, (_, index) => index));
    await until('nothing is in hand', () => flow.inHand === 0);
    expect(most).toBeLessThanOrEqual(window);
  });

  it('takes no more than its window when nothing is given back', async () => {
    await publish(0, 100);
    const taken: Msg[] = [];
    await using flow = flowOn(server, { onMessage: (message) => taken.push(message) });
    await until('the window is full', () => taken.length === 10);
    await server.client.flush();
    flow.release(4);
    await until('the free places are filled', () => taken.length === 14);
    expect(flow.inHand).toBe(10);
    expect((await manager.consumers.info(stream, 'c')).delivered.consumer_seq).toBe(14);
  });

  it('asks again only when a pull has ended, however long nothing comes', async () => {
    const requests = await listen(stream);
    const started = performance.now();
    await using _flow = flowOn(server, { expiresMs: 600 });
    await until('three pulls have ended', () => requests.length === 4);
    expect(performance.now() - started).toBeGreaterThan(3 * 600 - 100);
    expect(requests.map(({ batch }) => batch)).toEqual([10, 10, 10, 10]);
  });

  it('makes a consumer again that was deleted under it', async () => {
    let made = 0;
    const taken: string[] = [];
    await using flow = flowOn(server, {
      onMessage: (message) => {
        taken.push(message.string());
        flow.release();
      },
      onGone: async () => {
        made++;
        await addConsumer();
      },
    });
    await publish(0, 1);
    await until('the first is taken', () => taken.length === 1);
    await manager.consumers.delete(stream, 'c');
    await until('the consumer is made again', () => made > 0);
    await publish(1, 2);
    await until('the second is taken', () => taken.includes('1'));
    expect(made).toBe(1);
  });

  it('keeps trying while the consumer can not be made', async () => {
    let tries = 0;
    await using _flow = flowOn(server, {
      consumer: 'missing',
      onGone: async () => {
        tries++;
        throw new Error('not yet');
      },
    });
    await until('it tried again', () => tries === 2);
  });

  it('goes on when the server is killed and started, and its window holds', async () => {
    const inHand = new Set<string>();
    let most = 0;
    let releasing = false;
    await using flow = flowOn(server, {
      onMessage: (message) => {
        inHand.add(message.string());
        most = Math.max(most, flow.inHand);
        if (releasing) flow.release();
      },
    });
    await publish(0, 4);
    await until('some are in hand', () => flow.inHand === 4);
    await nats.kill();
    await nats.start();
    expect(await server.backWithin(10_000)).toBe(true);
    await publish(4, 50);
    await until('the window is full again', () => flow.inHand === 10);
    releasing = true;
    flow.release(10);
    await until('all came', () => inHand.size === 50);
    await until('nothing is in hand', () => flow.inHand === 0);
    expect(most).toBeLessThanOrEqual(10);
  });

  it('asks again, elsewhere, when the server falls silent', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'silent' });
    const requests = await listen(stream);
    const taken: string[] = [];
    await using flow = flowOn(connection, {
      expiresMs: 1200,
      onMessage: (message) => {
        taken.push(message.string());
        flow.release();
      },
    });
    await until('it asked', () => requests.length === 1);
    proxy.hold();
    await until('it asked again', () => requests.length === 2);
    const [first, second] = requests.map(({ reply }) => reply.replace(/\.\w+$/, ''));
    expect(second).not.toBe(first);
    proxy.release();
    await publish(0, 3);
    await until('all came', () => taken.length === 3);
  });

  it('gives what was on its way before it has paused, and nothing after', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'pausing' });
    const requests = await listen(stream);
    const taken: string[] = [];
    await using flow = flowOn(connection, { onMessage: (message) => taken.push(message.string()) });
    await until('it asked', () => requests.length === 1);
    proxy.hold();
    await publish(0, 3);
    const paused = flow.pause();
    proxy.release();
    await paused;
    expect(taken).toEqual(['0', '1', '2']);
    await publish(3, 6);
    expect((await manager.consumers.info(stream, 'c')).delivered.consumer_seq).toBe(3);
    flow.release(3);
    await connection.client.flush();
    expect(requests).toHaveLength(1);
  });

  describe('counts what is on its way, when the server', () => {
    /** Nobody else answers for this one: the spec is the server. */
    const serve = async (): Promise<{ requests: PullRequest[]; flow: PullFlow }> => {
      stream = `${stream}-PLAYED`;
      const requests = await listen(stream);
      return { requests, flow: flowOn(server, { window: 8 }) };
    };
    const give = ({ reply }: PullRequest): void => server.client.publish(reply, 'x');
    const end = ({ reply }: PullRequest, code: number, description: string, left?: number): void => {
      const all = newHeaders(code, description);
      if (left !== undefined) all.set('Nats-Pending-Messages', String(left));
      server.client.publish(reply, '', { headers: all });
    };

    it('serves two pulls in turn and ends the older one', async () => {
      const { requests, flow } = await serve();
      await using _ = flow;
      await until('it asked', () => requests.length === 1);
      for (let n = 0; n < 4; n++) give(requests[0]!);
      await until('four came', () => flow.inHand === 4);
      flow.release(4); // on their way: 4 of the first pull, and 4 of a second
      await until('it asked for more', () => requests.length === 2);
      expect(requests[1]?.batch).toBe(4);
      for (const request of [requests[0]!, requests[1]!, requests[0]!, requests[1]!]) give(request);
      await until('four more came', () => flow.inHand === 4);
      end(requests[0]!, 408, 'Request Timeout', 2); // 2 of the second pull are still on their way
      await until('it asked for what the first had left', () => requests.length === 3);
      expect(requests[2]?.batch).toBe(2);
      for (const request of [requests[1]!, requests[1]!, requests[2]!, requests[2]!]) give(request);
      await until('the window is full', () => flow.inHand === 8);
    });

    it('starts over with a leader that knows of no pulls', async () => {
      const { requests, flow } = await serve();
      await using _ = flow;
      await until('it asked', () => requests.length === 1);
      give(requests[0]!);
      await until('one came', () => flow.inHand === 1);
      end(requests[0]!, 409, 'Leadership Change');
      await until('it asked again', () => requests.length === 2);
      expect(requests[1]?.batch).toBe(7);
      give(requests[0]!); // to the old inbox: nobody is there any more
      give(requests[1]!);
      await until('another came', () => flow.inHand === 2);
      await server.client.flush();
      expect(flow.inHand).toBe(2);
    });

    it('says that a pull still waits', async () => {
      const { requests, flow } = await serve();
      await using _ = flow;
      await until('it asked', () => requests.length === 1);
      end(requests[0]!, 100, 'Idle Heartbeat');
      give(requests[0]!);
      await until('one came', () => flow.inHand === 1);
      expect(requests).toHaveLength(1);
    });
  });
});
