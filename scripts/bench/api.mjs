import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { registerAccount } from '../account.mjs';
import { measureLists } from './api/lists.mjs';
import { cpuPer1000, cpusBusy, measure, memoryNow, round } from './measurement.mjs';

const NODES = 20;

/** What callers of the API wait for: creating workflows, reading them, and lists of a million executions. */
export async function* runApi(system) {
  const account = await registerAccount(system.app.url);
  yield await createWorkflows(system, account);
  yield await readWorkflow(system, account);
  yield* measureLists(system, account);
}

function createWorkflows(system, { accessToken }) {
  return runRequests(system, {
    name: `POST /v1/workflows of ${NODES} nodes`,
    url: `${system.app.url}/v1/workflows`,
    headers: { authorization: `Bearer ${accessToken}` },
    bodies: [JSON.stringify(twentyNodes('Workflow #########'))],
    status: 201,
    expected: '"version":1',
  });
}

async function readWorkflow(system, { client, accessToken }) {
  const { id } = await dataOf(client.POST('/v1/workflows', { body: twentyNodes('Read often') }));
  return runRequests(system, {
    name: `GET /v1/workflows/:id of ${NODES} nodes`,
    url: `${system.app.url}/v1/workflows/${id}`,
    method: 'GET',
    headers: { authorization: `Bearer ${accessToken}` },
    expected: `"id":"${id}"`,
  });
}

async function runRequests(system, { name, ...request }) {
  const { load, app, options, signal, tell } = system;
  const { slots, seconds, warmupSeconds } = options;
  await load.tell('start', { kind: 'requests', slots, ...request });
  tell(`${name}: warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  tell(`${name}: measuring for ${seconds} s`);
  const { snapshot, cpu } = await measure(system, seconds);
  const memoryMiB = memoryNow(app);
  await load.tell('stop');
  const { succeeded, failed } = snapshot.counts;
  return {
    settings: { case: name, slots, seconds },
    figures: {
      seconds: round(snapshot.seconds, 2),
      requestsPerSecond: round(succeeded / snapshot.seconds, 1),
      latency: snapshot.latency,
      cpuSecondsPer1000: cpuPer1000(cpu, succeeded),
      cpusBusy: cpusBusy(cpu),
      memoryMiB,
      counts: snapshot.counts,
    },
    isWrong: failed > 0 || succeeded === 0,
  };
}

/** A webhook, conditions and mappings in turn, and an action at the end. */
function twentyNodes(name) {
  const steps = Array.from({ length: NODES - 2 }, (_, index) => stepOf(index + 1));
  const ids = ['start', ...steps.map(({ id }) => id), 'end'];
  return {
    name,
    nodes: [
      { id: 'start', type: 'trigger.webhook', config: { method: 'POST' } },
      ...steps,
      {
        id: 'end',
        type: 'http.request',
        config: { method: 'POST', url: 'https://example.com/done', json: '{{ trigger.body }}' },
      },
    ],
    connections: ids.slice(1).map((to, index) => ({ from: ids[index], to, ...outputOf(index) })),
  };
}

function stepOf(number) {
  const id = `step${number}`;
  if (number % 3 === 0) return { id, type: 'if', config: { condition: `{{ trigger.body.amount > ${number} }}` } };
  return {
    id,
    type: 'set',
    config: { values: { total: `{{ trigger.body.amount * ${number} }}`, text: 'Order {{ trigger.body.orderId }}' } },
  };
}

/** `if` has other outputs than `main`. */
function outputOf(from) {
  return from > 0 && from % 3 === 0 ? { output: 'true' } : {};
}
