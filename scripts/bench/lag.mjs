import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { cpusBusy, measure, round } from './measurement.mjs';
import { orders } from './w1.mjs';
import { prepareBigOrders } from './webhook-workflow.mjs';

const LOOK_EVERY_MS = 25;

/** How far the live read models of executions are behind the log: the age of the oldest commit that is not applied. */
export async function* runLag(system) {
  const { load, options, signal, tell } = system;
  const { hookUrl, client } = await prepareBigOrders(system);
  const { slots, seconds, warmupSeconds, rate } = options;
  await load.tell('start', orders({ hookUrl, slots, rate, until: 'rate' }));
  tell(`warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`measuring for ${seconds} s`);
  const stop = new AbortController();
  const sampling = sample(client, stop.signal);
  const { snapshot, cpu } = await measure(system, seconds);
  stop.abort();
  const lags = (await sampling).toSorted((one, other) => one - other);
  await load.tell('pause');
  const { counts } = snapshot;
  yield {
    settings: { callsPerSecond: rate, seconds },
    figures: {
      executionsPerSecond: round(counts.reached / snapshot.seconds, 1),
      samples: lags.length,
      lagMs: { p50: at(lags, 0.5), p99: at(lags, 0.99), max: at(lags, 1) },
      cpusBusy: cpusBusy(cpu),
      counts,
    },
    isWrong: lags.length === 0,
  };
}

async function sample(client, signal) {
  const lags = [];
  while (!signal.aborted) {
    const { items } = await dataOf(client.GET('/v1/projections'));
    lags.push(items.find(({ name }) => name === 'executions').lag.ms);
    await delay(LOOK_EVERY_MS);
  }
  return lags;
}

function at(sorted, share) {
  return round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}
