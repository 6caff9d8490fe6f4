import { setTimeout as delay } from 'node:timers/promises';
import { LoadProcess } from './load-process.mjs';
import { cpusBusy, measure, memoryNow, round } from './measurement.mjs';
import { orders } from './w1.mjs';
import { prepareBigOrders } from './webhook-workflow.mjs';

const SMALL_RATE = 20;
const LANE = 'start.normal';
const FILL_SLOTS = 64;
const SETTLES_MS = 2_000;
const LOOK_EVERY_MS = 500;
const FILLS_WITHIN_MS = 900_000;

/** How long a small workspace's executions take, with nobody else there, and while another has very many queued. */
export async function* runFair(system) {
  const { options, signal, tell } = system;
  const small = await prepareBigOrders(system);
  const { seconds, warmupSeconds, total } = options;
  const calls = orders({ hookUrl: small.hookUrl, rate: SMALL_RATE, slots: 0, until: 'rate' });
  await system.load.tell('start', calls);
  tell(`warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`the small workspace alone for ${seconds} s`);
  const alone = await measure(system, seconds);
  // Its own calls would wait in the paused lane as well.
  await system.load.tell('pause');
  const big = await LoadProcess.start(() => undefined);
  try {
    const { client, hookUrl } = await prepareBigOrders({ ...system, load: big });
    const backlog = await fill(system, { big, client, hookUrl, total });
    await system.load.tell('start', calls);
    await delay(SETTLES_MS, undefined, { signal });
    tell(`the small workspace beside ${backlog} queued ones for ${seconds} s`);
    const reachedBefore = (await big.tell('snapshot')).totals.reached;
    const beside = await measure(system, seconds);
    const drained = (await big.tell('snapshot')).totals.reached - reachedBefore;
    const left = (await queued(client)).ready;
    yield resultOf(system, { alone, beside, backlog, drained, left });
  } finally {
    await big.stop();
  }
}

function resultOf({ app, options }, { alone, beside, backlog, drained, left }) {
  const { counts } = beside.snapshot;
  const { toSink: idle } = alone.snapshot;
  const { toSink: busy } = beside.snapshot;
  return {
    settings: { smallCallsPerSecond: SMALL_RATE, seconds: options.seconds, backlog: options.total },
    figures: {
      idle,
      beside: busy,
      p50Ratio: round(busy.p50Ms / idle.p50Ms, 2),
      p99Ratio: round(busy.p99Ms / idle.p99Ms, 2),
      backlog,
      backlogLeft: left,
      bigFinishedPerSecond: round(drained / beside.snapshot.seconds, 1),
      cpusBusyIdle: cpusBusy(alone.cpu),
      cpusBusyBeside: cpusBusy(beside.cpu),
      memoryMiB: memoryNow(app),
      counts,
    },
    // Without a backlog until the end nothing was measured.
    isWrong: left === 0 || counts.duplicates > 0 || Object.keys(counts.refused).length > 0,
  };
}

/** Lets the big workspace's executions be accepted and not begun, until so many wait; then opens the lane. */
async function fill({ signal, tell }, { big, client, hookUrl, total }) {
  await setPaused(client, true);
  await big.tell('start', orders({ hookUrl, slots: FILL_SLOTS, until: 'ack' }));
  const deadline = performance.now() + FILLS_WITHIN_MS;
  let { ready } = await queued(client);
  while (ready < total) {
    if (performance.now() > deadline) throw new Error(`only ${ready} were queued in ${FILLS_WITHIN_MS / 1000} s`);
    await delay(LOOK_EVERY_MS, undefined, { signal });
    ({ ready } = await queued(client));
    tell(`${ready} queued`);
  }
  await big.tell('pause');
  await setPaused(client, false);
  return ready;
}

async function setPaused(client, isPaused) {
  const path = `/v1/queues/{name}/${isPaused ? 'pause' : 'resume'}`;
  const { error } = await client.POST(path, { params: { path: { name: LANE } } });
  if (error) throw new Error(`${LANE} was not ${isPaused ? 'paused' : 'resumed'}: ${JSON.stringify(error)}`);
}

async function queued(client) {
  const { data, error } = await client.GET('/v1/queues');
  if (error) throw new Error(`the queues can not be read: ${JSON.stringify(error)}`);
  return data.items.find(({ name }) => name === LANE);
}
