import { setTimeout as delay } from 'node:timers/promises';
import { CpuMeter, cpusBusy, memoryNow, round } from './measurement.mjs';
import { orders } from './w1.mjs';
import { prepareBigOrders } from './webhook-workflow.mjs';

const SAMPLE_EVERY_MS = 1000;
const DRAINS_WITHIN_MS = 900_000;
const NO_PROGRESS_FOR_MS = 30_000;
const SETTLES_WITHIN_MS = 120_000;
const PAGE = 200;
const OPEN_STATUSES = ['queued', 'running', 'waiting'];

/** More calls than can be finished: the backlog grows in the log, memory must not, and nothing accepted may be missing. */
export async function* runW1Overload(system) {
  const { load, app, options, signal, tell } = system;
  const { hookUrl, api } = await prepareBigOrders(system);
  const { slots, seconds, warmupSeconds } = options;
  await load.tell('start', orders({ hookUrl, slots, until: 'ack' }));
  tell(`warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  const memory = new MemoryPeaks();
  const meter = new CpuMeter(app);
  await load.tell('mark');
  tell(`overloading for ${seconds} s`);
  await sampleFor(seconds, { app, signal, memory });
  const during = await load.tell('snapshot');
  const cpu = meter.read(during.cpuSeconds);
  await load.tell('pause');
  const { drainSeconds, totals, backlog } = await drain(system, memory);
  tell('checking every execution through the API');
  const stored = await countStored(api, signal);
  const missing = totals.accepted - totals.acceptedAndReached;
  // One more is the call that found out whether the webhook answers.
  const isComplete = missing === 0 && stored.open === 0 && stored.succeeded >= totals.accepted + 1;
  yield {
    settings: { slots, seconds },
    figures: {
      seconds: round(during.seconds, 2),
      acceptedPerSecond: round(during.counts.accepted / during.seconds, 1),
      finishedPerSecondMeanwhile: round(during.counts.reached / during.seconds, 1),
      refused: during.counts.refused,
      ack: during.ack,
      cpusBusy: cpusBusy(cpu),
      backlogAtItsEnd: backlog,
      drainSeconds: round(drainSeconds, 1),
      drainedPerSecond: drainSeconds > 0 ? round(backlog / drainSeconds, 1) : null,
      memoryMiBAtMost: memory.atMost,
      memoryMiBAfter: memoryNow(app),
      accepted: totals.accepted,
      missing,
      duplicates: totals.duplicates,
      stored,
      isComplete,
    },
    isWrong: !isComplete,
  };
}

async function sampleFor(seconds, { app, signal, memory }) {
  const deadline = performance.now() + seconds * 1000;
  for (let left = seconds * 1000; left > 0; left = deadline - performance.now()) {
    await delay(Math.min(SAMPLE_EVERY_MS, left), undefined, { signal });
    app.ensureRunning();
    memory.sample(app);
  }
}

/** Waits until all that was accepted has reached the sink, or nothing comes any more. */
async function drain({ load, app, signal, tell }, memory) {
  const startedAt = performance.now();
  let { totals } = await load.tell('snapshot');
  const backlog = totals.accepted - totals.acceptedAndReached;
  let progressAt = startedAt;
  let lastReachedAt = startedAt;
  const isOver = () =>
    totals.accepted === totals.acceptedAndReached ||
    performance.now() - progressAt > NO_PROGRESS_FOR_MS ||
    performance.now() - startedAt > DRAINS_WITHIN_MS;
  for (let turn = 1; !isOver(); turn += 1) {
    await delay(SAMPLE_EVERY_MS / 10, undefined, { signal });
    app.ensureRunning();
    if (turn % 10 === 0) memory.sample(app);
    const before = totals.reached;
    ({ totals } = await load.tell('snapshot'));
    if (totals.reached > before) lastReachedAt = progressAt = performance.now();
    if (turn % 100 === 0) tell(`${totals.accepted - totals.acceptedAndReached} orders to go`);
  }
  return { drainSeconds: (lastReachedAt - startedAt) / 1000, totals, backlog };
}

/** How many executions the API shows, once none is open any more. */
async function countStored(api, signal) {
  const startedAt = performance.now();
  let open = await openOnes(api);
  while (open > 0 && performance.now() - startedAt < SETTLES_WITHIN_MS) {
    await delay(SAMPLE_EVERY_MS / 2, undefined, { signal });
    open = await openOnes(api);
  }
  const settledAfterSeconds = round((performance.now() - startedAt) / 1000, 1);
  const ids = new Set();
  let cursor = null;
  do {
    signal.throwIfAborted();
    const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.get(`/v1/executions?status=succeeded&limit=${PAGE}${after}`);
    for (const { id } of page.items) ids.add(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { succeeded: ids.size, open, settledAfterSeconds };
}

/** Of each kind at most one is asked for: that there is none is what matters. */
async function openOnes(api) {
  const pages = await Promise.all(OPEN_STATUSES.map((status) => api.get(`/v1/executions?status=${status}&limit=1`)));
  return pages.reduce((sum, { items }) => sum + items.length, 0);
}

/** The most that each part was seen to hold. */
class MemoryPeaks {
  atMost = {};

  sample(app) {
    for (const [part, mib] of Object.entries(memoryNow(app))) this.atMost[part] = Math.max(mib, this.atMost[part] ?? 0);
  }
}
