import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { registerAccount } from '../account.mjs';
import { cpuPer1000, cpusBusy, measure, memoryNow, round } from './measurement.mjs';

const STEPS = 10;
const NODE_TYPES = {
  set: { values: { count: '{{ trigger.body.count + 1 }}' } },
  noop: {},
};

/** Executions of ten steps in a row: of a pure node, then of one that goes through the queue to an executor. */
export async function* runW2(system) {
  const { client, accessToken } = await registerAccount(system.app.url);
  for (const [type, config] of Object.entries(NODE_TYPES)) {
    const { id } = await dataOf(client.POST('/v1/workflows', { body: tenInARow(type, config) }));
    yield await runType(system, { accessToken, id, type });
  }
}

async function runType(system, { accessToken, id, type }) {
  const { load, app, options, signal, tell } = system;
  const { slots, seconds, warmupSeconds } = options;
  await load.tell('start', {
    kind: 'requests',
    url: `${app.url}/v1/workflows/${id}/executions`,
    slots,
    headers: { authorization: `Bearer ${accessToken}`, prefer: 'wait=60' },
    bodies: [JSON.stringify({ input: { count: 1 } })],
    expected: '"status":"succeeded"',
  });
  tell(`ten ${type} nodes: warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`ten ${type} nodes: measuring for ${seconds} s`);
  const { snapshot, cpu } = await measure(system, seconds);
  const memoryMiB = memoryNow(app);
  await load.tell('stop');
  const { succeeded, failed } = snapshot.counts;
  return {
    settings: { slots, steps: `${STEPS} ${type}`, seconds },
    figures: {
      seconds: round(snapshot.seconds, 2),
      executionsPerSecond: round(succeeded / snapshot.seconds, 1),
      nodeResultsPerSecond: round((succeeded * STEPS) / snapshot.seconds),
      startToEnd: snapshot.latency,
      cpuSecondsPer1000: cpuPer1000(cpu, succeeded),
      cpusBusy: cpusBusy(cpu),
      memoryMiB,
      counts: snapshot.counts,
    },
    isWrong: failed > 0,
  };
}

function tenInARow(type, config) {
  const ids = Array.from({ length: STEPS }, (_, index) => `step${index + 1}`);
  return {
    name: `Ten ${type} nodes`,
    nodes: [{ id: 'start', type: 'trigger.manual', config: {} }, ...ids.map((id) => ({ id, type, config }))],
    connections: ids.map((id, index) => ({ from: index === 0 ? 'start' : ids[index - 1], to: id })),
  };
}
