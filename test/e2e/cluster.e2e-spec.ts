import { callThrough, expectAllFinishedOnce, type Acceptance } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ClusterProcess } from '../support/cluster-process.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { stillRunning } from '../support/process-tree.ts';
import { EACH_MISFIRE, ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { untilLeads } from '../support/scheduling.ts';
import { Sink } from '../support/sink.ts';

describe('three NATS servers, Postgres, and every role in processes of its own', () => {
  let cluster: ClusterProcess;
  let sink: Sink;

  beforeAll(async () => {
    sink = await Sink.start();
    cluster = await ClusterProcess.start('--allow-private-network');
  }, 120_000);

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 90_000);

  /** Half of the calls to either api. */
  const callBoth = async (hook: string, when: string, meanwhile: () => Promise<void>): Promise<Acceptance[]> => {
    const plan = { total: 50, together: 4 };
    const accepted = await Promise.all(
      cluster.ready.apis.map((api, n) =>
        callThrough(api + hook, {
          ...plan,
          prefix: `${when}-${n}`,
          meanwhile: n === 0 ? meanwhile : async () => undefined,
        }),
      ),
    );
    return accepted.flat();
  };

  it('runs the main job over either api; and goes on when a worker and a NATS server are killed', async () => {
    const api = await Api.register(cluster.ready.apis[0] ?? '');
    const { hook } = await api.activate(bigOrders(sink.url));
    await api.at(cluster.ready.apis[1] ?? '').untilAnswers(hook);

    const before = await callBoth(hook, 'before', async () => undefined);
    await expectAllFinishedOnce(api, sink, before);

    const worker = cluster.ready.roles.find(({ roles }) => roles.includes('worker'));
    const [nats] = cluster.ready.nats;
    const after = await callBoth(hook, 'after', async () => {
      for (const victim of [worker, nats]) process.kill(victim?.pid ?? 0, 'SIGKILL');
    });
    await expectAllFinishedOnce(api, sink, [...before, ...after]);
  }, 120_000);

  it('has another leader of its schedules within 20 s of kill -9, and each slot has its outcome', async () => {
    const api = await Api.register(cluster.ready.apis[0] ?? '');
    const first = cluster.ready.roles.find(({ roles }) => roles.includes('scheduler'))?.pid ?? 0;
    const before = await untilLeads(api, first);
    await using second = await MillraceProcess.start({ ...cluster.env, MILLRACE_ROLES: 'scheduler' });
    const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await workflow.untilFired(2);
    process.kill(first, 'SIGKILL');
    const after = await untilLeads(api, second.pid, 20_000);
    expect(after.revision).toBeGreaterThan(before.revision);
    await workflow.untilFired(2);
    const slots = await workflow.proven();
    expect(new Set(slots.get('all')?.map(({ outcome }) => outcome))).toEqual(new Set(['fired']));
    expect(slots.get('once')?.some(({ outcome }) => outcome === 'coalesced')).toBe(true);
    expect(slots.get('none')?.some(({ outcome }) => outcome === 'missed')).toBe(true);
  }, 90_000);

  it('leaves nothing running', async () => {
    expect(await cluster.stop()).toBe(0);
    expect(stillRunning(cluster.pids)).toEqual([]);
  }, 90_000);
});
