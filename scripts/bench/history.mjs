import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { registerAccount } from '../account.mjs';
import { memoryNow, round } from './measurement.mjs';

/** Batches of one item: each is an event. A loop takes 5,000 at most, a history 20,000. */
const BATCHES = 4_990;
const REPETITIONS = 10;
const EXPORTS = 20;
const AT_ONCE = 8;
const LOOK_EVERY_MS = 20;

const HISTORIES = { 10_000: 2, 20_000: 4 };

/** Long histories, read at several points and as a whole. */
export async function* runHistory({ app, tell }) {
  const { client, accessToken } = await registerAccount(app.url);
  const headers = { authorization: `Bearer ${accessToken}` };
  const get = (path, more = {}) => fetch(`${app.url}${path}`, { headers: { ...headers, ...more } });
  for (const [name, loops] of Object.entries(HISTORIES)) {
    tell(`a history of about ${name} events`);
    const { id: executionId } = await longExecution({ app, client, headers, loops });
    const path = `/v1/executions/${executionId}`;
    const events = await lengthOf(await get(`${path}/events`, { accept: 'application/x-ndjson' }));
    yield { settings: { case: 'state?version=N', events }, ...(await states(get, path, events)) };
    yield { settings: { case: 'NDJSON export', events }, ...(await exports(get, `${path}/events`, app)) };
    yield { settings: { case: 'replay', events }, ...(await replays(app, headers, path)) };
  }
}

async function longExecution({ app, client, headers, loops }) {
  const ids = Array.from({ length: loops }, (_, index) => `loop${index}`);
  const body = {
    name: 'Long',
    nodes: [
      { id: 'start', type: 'trigger.manual', config: {} },
      ...ids.map((id) => ({
        id,
        type: 'forEach',
        config: { items: '{{ trigger.body }}', batchSize: 1, concurrency: 16, node: { type: 'noop' } },
      })),
    ],
    connections: ids.map((id, index) => ({ from: ids[index - 1] ?? 'start', to: id })),
  };
  const { id } = await dataOf(client.POST('/v1/workflows', { body }));
  const response = await fetch(`${app.url}/v1/workflows/${id}/executions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', prefer: 'wait=60' },
    body: JSON.stringify({ input: Array.from({ length: BATCHES }, (_, index) => index) }),
  });
  const execution = await response.json();
  if (execution.status !== 'succeeded') throw new Error(`the execution did not succeed: ${JSON.stringify(execution)}`);
  return execution;
}

async function lengthOf(response) {
  const text = await response.text();
  return text.split('\n').length - 1;
}

async function states(get, path, events) {
  const versions = [1, 0.25, 0.5, 0.75, 1].map((share, index) => (index === 0 ? 1 : Math.round(share * events)));
  const took = { all: [] };
  let isWrong = false;
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    for (const version of versions) {
      const startedAt = performance.now();
      const response = await get(`${path}/state?version=${version}`);
      await response.arrayBuffer();
      isWrong ||= !response.ok;
      if (repetition > 0) (took[version] ??= []).push(performance.now() - startedAt);
    }
  }
  took.all = Object.values(took).flat();
  return {
    figures: { ms: Object.fromEntries(Object.entries(took).map(([at, times]) => [at, spread(times)])) },
    isWrong,
  };
}

async function exports(get, path, app) {
  const one = async () => {
    const startedAt = performance.now();
    const response = await get(path, { accept: 'application/x-ndjson' });
    let firstMs;
    let bytes = 0;
    for await (const chunk of response.body) {
      firstMs ??= performance.now() - startedAt;
      bytes += chunk.length;
    }
    return { firstMs, wholeMs: performance.now() - startedAt, bytes };
  };
  const inTurn = [];
  for (let count = 0; count < EXPORTS; count++) inTurn.push(await one());
  const memory = { before: memoryNow(app).app };
  const watch = watchMemory(app);
  const together = await Promise.all(Array.from({ length: AT_ONCE }, one));
  memory.most = await watch.stop();
  const sizes = new Set([...inTurn, ...together].map(({ bytes }) => bytes));
  return {
    figures: {
      bytes: [...sizes][0],
      firstByteMs: spread(inTurn.map(({ firstMs }) => firstMs)),
      wholeMs: spread(inTurn.map(({ wholeMs }) => wholeMs)),
      [`${AT_ONCE}AtOnce`]: { wholeMs: spread(together.map(({ wholeMs }) => wholeMs)), appMiB: memory },
    },
    isWrong: sizes.size !== 1,
  };
}

async function replays(app, headers, path) {
  const took = [];
  let isWrong = false;
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const startedAt = performance.now();
    const response = await fetch(`${app.url}${path}/replay`, { method: 'POST', headers });
    const { same } = await response.json();
    isWrong ||= !same;
    if (repetition > 0) took.push(performance.now() - startedAt);
  }
  return { figures: { ms: spread(took) }, isWrong };
}

/** The most memory of the app from now on until it is stopped. */
function watchMemory(app) {
  let isOver = false;
  let most = 0;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, memoryNow(app).app);
      await delay(LOOK_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return most;
    },
  };
}

function spread(times) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share) => round(sorted[Math.floor(share * (sorted.length - 1))], 1);
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
