import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { Sink } from '../support/sink.ts';

interface Ready {
  readonly apis: readonly string[];
  readonly roles: readonly { readonly name: string; readonly pid: number }[];
}

describe('three NATS servers, Postgres, and every role in processes of its own', () => {
  let cluster: ChildProcess;
  let ready: Ready;
  let sink: Sink;

  beforeAll(async () => {
    sink = await Sink.start();
    cluster = spawn(process.execPath, ['scripts/cluster.mjs', '--allow-private-network'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!cluster.stdout) throw new Error('the cluster has no output');
    const [line] = (await once(createInterface({ input: cluster.stdout }), 'line')) as [string];
    ready = JSON.parse(line) as Ready;
  }, 120_000);

  afterAll(async () => {
    const exit = once(cluster, 'exit');
    cluster.kill('SIGTERM');
    await exit;
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  const runOn = async (api: Api, hook: string, orderId: string): Promise<void> => {
    const { status, body } = await api.hook(hook, { orderId, amount: 250 });
    expect(status).toBe(202);
    const execution = await api.ended((body as { executionId: string }).executionId, 60_000);
    expect(execution).toMatchObject({ status: 'succeeded', output: { status: 200 } });
  };

  it('runs the main job through either api, and goes on when a worker is killed', async () => {
    const [first = '', second = ''] = ready.apis;
    const one = await Api.register(first);
    const other = one.at(second);
    const { hook } = await one.activate(bigOrders(sink.url));
    await runOn(one, hook, 'first');
    // The other api learns of the route by its own watch.
    await runOn(other, hook, 'second');
    const worker = ready.roles.find((role) => role.name === 'worker-1');
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await Promise.all(Array.from({ length: 20 }, (_, n) => runOn(n % 2 ? one : other, hook, `after-${n}`)));
    expect(new Set(sink.calls.map((call) => call.body)).size).toBe(22);
  }, 120_000);
});
