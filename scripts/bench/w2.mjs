import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { registerAccount } from '../account.mjs';
import { cpuPer1000, cpusBusy, measure, memoryNow, round } from './measurement.mjs';

const STEPS = 10;
const SET = { type: 'set', config: { values: { count: '{{ trigger.body.count + 1 }}' } } };
const NOOP = { type: 'noop', config: {} };
/** What a careful author gives every node. */
const GUARDS = { retry: { maxAttempts: 5, backoff: 'exponential' }, timeoutMs: 30_000 };
const CASES = {
  set: SET,
  noop: NOOP,
  'set with retry and time-out': { ...SET, ...GUARDS },
  'noop with retry and time-out': { ...NOOP, ...GUARDS },
};

/** Executions of ten steps in a row: of a pure node, then of one that goes through the queue to an executor; then guarded. */
export async function* runW2(system) {
  const { client, accessToken } = await registerAccount(system.app.url);
  for (const [name, node] of Object.entries(CASES)) {
    const { id } = await dataOf(client.POST('/v1/workflows', { body: tenInARow(name, node) }));
    yield await runCase(system, { accessToken, id, name });
  }
}

async function runCase(system, { accessToken, id, name }) {
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
  tell(`ten ${name} nodes: warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`ten ${name} nodes: measuring for ${seconds} s`);
  const { snapshot, cpu } = await measure(system, seconds);
  const memoryMiB = memoryNow(app);
  await load.tell('stop');
  const { succeeded, failed } = snapshot.counts;
  return {
    settings: { slots, steps: `${STEPS} ${name}`, seconds },
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

function tenInARow(name, node) {
  const ids = Array.from({ length: STEPS }, (_, index) => `step${index + 1}`);
  return {
    name: `Ten ${name} nodes`,
    nodes: [{ id: 'start', type: 'trigger.manual', config: {} }, ...ids.map((id) => ({ id, ...node }))],
    connections: ids.map((id, index) => ({ from: index === 0 ? 'start' : ids[index - 1], to: id })),
  };
}
