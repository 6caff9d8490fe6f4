import { setTimeout as delay } from 'node:timers/promises';
import { CpuMeter, cpuPer1000, cpusBusy, measure, memoryNow, round } from './measurement.mjs';
import { prepareBigOrders } from './webhook-workflow.mjs';

const TENTHS = 10;
const TENTH_WITHIN_MS = 300_000;

/** Throughput in a closed loop, or latency at a fixed rate when there is one. */
export async function* runW1(system) {
  const { load, app, options, signal, tell } = system;
  const { hookUrl } = await prepareBigOrders(system);
  const { rate, slots, seconds, warmupSeconds } = options;
  await load.tell('start', orders({ hookUrl, slots, rate, until: rate ? 'rate' : 'sink' }));
  tell(`warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`measuring for ${seconds} s`);
  const { snapshot, cpu } = await measure(system, seconds);
  const memoryMiB = memoryNow(app);
  await load.tell('pause');
  const { counts } = snapshot;
  yield {
    settings: { ...(rate ? { callsPerSecond: rate } : { slots }), seconds },
    figures: {
      seconds: round(snapshot.seconds, 2),
      executionsPerSecond: round(counts.reached / snapshot.seconds, 1),
      ack: snapshot.ack,
      webhookToSink: snapshot.toSink,
      ...(rate && { generatorLate: snapshot.lateness }),
      cpuSecondsPer1000: cpuPer1000(cpu, counts.reached),
      cpusBusy: cpusBusy(cpu),
      memoryMiB,
      counts,
    },
    isWrong: wrongIn(counts),
  };
}

/** Whether speed and memory hold over many executions. */
export async function* runW1Total(system) {
  const { load, app, options, signal, tell } = system;
  const { hookUrl } = await prepareBigOrders(system);
  const { total, slots, warmupSeconds } = options;
  const size = Math.ceil(total / TENTHS);
  await load.tell('start', orders({ hookUrl, slots, until: 'sink', milestone: size }));
  tell(`warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  const meter = new CpuMeter(app);
  await load.tell('mark');
  const tenths = await collectTenths(system, size);
  const snapshot = await load.tell('snapshot');
  const cpu = meter.read(snapshot.cpuSeconds);
  await load.tell('pause');
  const { counts } = snapshot;
  const rates = tenths.map(({ executionsPerSecond }) => executionsPerSecond);
  yield {
    settings: { slots, total },
    figures: {
      seconds: round(snapshot.seconds, 2),
      executionsPerSecond: round(counts.reached / snapshot.seconds, 1),
      lastTenthToFirst: round(rates.at(-1) / rates[0], 3),
      tenths,
      cpuSecondsPer1000: cpuPer1000(cpu, counts.reached),
      cpusBusy: cpusBusy(cpu),
      memoryMiB: memoryNow(app),
      counts,
    },
    isWrong: wrongIn(counts),
  };
}

function collectTenths({ load, app, signal, tell }, size) {
  const tenths = [];
  let startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const tooSlow = () => reject(new Error(`${size} executions took more than ${TENTH_WITHIN_MS / 1000} s`));
    let timer = setTimeout(tooSlow, TENTH_WITHIN_MS);
    const finish = (settle, value) => {
      clearTimeout(timer);
      load.off('milestone', onMilestone);
      settle(value);
    };
    const onMilestone = ({ milestone }) => {
      const now = performance.now();
      const memory = memoryNow(app);
      tenths.push({ executionsPerSecond: round((size / (now - startedAt)) * 1000, 1), memoryMiB: memory });
      tell(`${milestone} executions, ${tenths.at(-1).executionsPerSecond}/s, app ${memory.app} MiB`);
      startedAt = now;
      clearTimeout(timer);
      timer = setTimeout(tooSlow, TENTH_WITHIN_MS);
      if (tenths.length === TENTHS) finish(resolve, tenths);
    };
    load.on('milestone', onMilestone);
    signal.addEventListener('abort', () => finish(reject, signal.reason), { once: true });
    app.exited.then(() => finish(reject, new Error('the app ended')));
  });
}

/** What the generator is told: see load/order-load.mjs. */
export function orders({ hookUrl, slots, until, rate = 0, milestone = Infinity }) {
  return { kind: 'orders', url: hookUrl, slots, until, rate, milestone };
}

function wrongIn({ refused, duplicates, overdue }) {
  const wrongs = { ...refused, duplicates, overdue };
  return Object.values(wrongs).some((count) => count > 0);
}
