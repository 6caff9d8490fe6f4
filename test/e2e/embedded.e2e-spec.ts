import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api, call, type Execution } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { descendantsOf, stillRunning } from '../support/process-tree.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

/** Fewer than where the parts are apart: with one process everything stops at once, wherever it was. */
const CALLS = { total: 200, together: 16 };

describe('one process with servers of its own', () => {
  let sink: Sink;
  let server: MillraceProcess;
  let api: Api;
  let env: Record<string, string>;

  beforeAll(async () => {
    const { path } = await makeDataDir();
    env = { MILLRACE_DATA_DIR: path, MILLRACE_ALLOW_PRIVATE_NETWORK: 'true' };
    sink = await Sink.start((one, nth) => ({ status: one.path === '/second-time' && nth < 2 ? 500 : 200 }));
    server = await MillraceProcess.start(env);
    // From here on always at the same URL.
    env['PORT'] = new URL(server.url).port;
  }, 60_000);

  beforeEach(async () => {
    api = await Api.register(server.url);
    sink.calls.length = 0;
  });

  afterAll(async () => {
    await server.stop();
    await sink[Symbol.asyncDispose]();
  });

  const startAgain = async (): Promise<void> => {
    server = await MillraceProcess.start(env);
  };
  const pidsOfTree = (): number[] => descendantsOf(server.pid).map((one) => one.pid);
  const pidOf = (program: RegExp): number => {
    const found = descendantsOf(server.pid).find(({ parent, command }) => {
      return parent === server.pid && program.test(command);
    });
    expect(found).toBeDefined();
    return found?.pid ?? 0;
  };
  const untilGone = (pids: readonly number[]): Promise<true> =>
    until('nothing of it runs any more', async () => (stillRunning(pids).length === 0 ? true : undefined));

  it('reads on after a restart, and answers at the same URLs', async () => {
    const { id, hook } = await api.activate(bigOrders(sink.url));
    const { body } = await api.hook(hook, { orderId: 'before', amount: 500 });
    const { executionId } = body as { executionId: string };
    const before = await api.ended(executionId);
    const history = await api.events(executionId);
    const tree = pidsOfTree();
    expect(tree.length).toBeGreaterThan(2);
    expect(await server.stop()).toBe(0);
    expect(stillRunning(tree)).toEqual([]);
    await startAgain();
    expect(await api.ended(executionId)).toEqual(before);
    expect(await api.events(executionId)).toEqual(history);
    expect(await api.executions()).toEqual([before]);
    expect((await api.send('GET', `/v1/workflows/${id}`)).body).toMatchObject({ active: true, version: 1 });
    const again = await api.hook(hook, { orderId: 'after', amount: 500 });
    expect(again.status).toBe(202);
    expect(await api.ended((again.body as { executionId: string }).executionId)).toMatchObject({ status: 'succeeded' });
  }, 60_000);

  it('refuses a second instance on the same data directory, naming the first', async () => {
    const { PORT: _taken, ...elsewhere } = env;
    await expect(MillraceProcess.start(elsewhere)).rejects.toThrow(`in use by process ${server.pid}`);
    expect((await call(server.url, 'GET', '/health/ready')).status).toBe(200);
  });

  it('says whose port it would take, and what to do, and leaves nothing behind', async () => {
    await using elsewhere = await makeDataDir();
    const taken = { ...env, MILLRACE_DATA_DIR: elsewhere.path };
    const { PORT: port = '' } = env;
    await expect(MillraceProcess.start(taken)).rejects.toThrow(
      `PORT: ${port} of 127.0.0.1 is used by another process (EADDRINUSE); end that one, or take another port`,
    );
    expect((await call(server.url, 'GET', '/health/ready')).status).toBe(200);
  });

  it('ends its servers when it is killed itself, and goes on where it was', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const accepted = await callThrough(server.url + hook, {
      ...CALLS,
      meanwhile: async () => {
        const tree = pidsOfTree();
        await server.kill();
        await untilGone(tree);
        await startAgain();
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 90_000);

  it('recovers by itself when it and all that it started are killed', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const accepted = await callThrough(server.url + hook, {
      ...CALLS,
      meanwhile: async () => {
        const tree = pidsOfTree();
        // The guards first: nobody is left who could end anything in good order.
        for (const pid of tree.reverse()) killIfRunning(pid);
        await server.kill();
        await untilGone(tree);
        await startAgain();
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 90_000);

  it('starts a server of its own again that is killed', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const { pid } = server;
    const accepted = await callThrough(server.url + hook, {
      ...CALLS,
      meanwhile: async () => {
        for (const program of [/nats-server/, /postgres/]) {
          const killed = pidOf(program);
          process.kill(killed, 'SIGKILL');
          await untilGone([killed]);
          await until('it is ready again', async () =>
            (await call(server.url, 'GET', '/health/ready')).status === 200 ? true : undefined,
          );
          expect(pidOf(program)).not.toBe(killed);
        }
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    expect(server.pid).toBe(pid);
  }, 90_000);

  it('keeps an appointment over kill -9', async () => {
    const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 1500, jitter: false };
    const config = { method: 'GET', url: `${sink.url}/second-time` };
    const id = await api.create(manualGraph({ a: { type: 'http.request', config, retry } }, ['start>a']));
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`);
    const { executionId } = body as { executionId: string };
    await until('it waits for its second attempt', async () => {
      const { body } = await api.send('GET', `/v1/executions/${executionId}`);
      return (body as Execution).status === 'waiting' ? true : undefined;
    });
    await server.kill();
    await startAgain();
    expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded', nodes: [{}, { attempts: 2 }] });
    const [failed, retried] = (await api.events(executionId)).slice(2).map((event) => Date.parse(event.at));
    expect((retried ?? 0) - (failed ?? 0)).toBeGreaterThanOrEqual(1500);
  }, 60_000);
});

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Its parent's end was its own.
  }
}
