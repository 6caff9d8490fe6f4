import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { registerAccount } from '../account.mjs';
import { round } from './measurement.mjs';

const RUNS = 5;
const ITEMS = 10_000;
const BRANCHES = 1_000;

const start = { id: 'start', type: 'trigger.manual', config: {} };

const CASES = {
  [`forEach over ${ITEMS} items of a no-op action`]: {
    input: Array.from({ length: ITEMS }, (_, index) => index),
    definition: {
      name: 'Loop',
      nodes: [
        start,
        {
          id: 'each',
          type: 'forEach',
          config: { items: '{{ trigger.body }}', concurrency: 4, node: { type: 'noop' } },
        },
      ],
      connections: [{ from: 'start', to: 'each' }],
    },
    isRight: ({ output }) => output.results.length === ITEMS && output.errors.length === 0,
  },
  [`${BRANCHES} parallel branches that join`]: {
    input: null,
    definition: joining(),
    isRight: ({ output }) => output.length === BRANCHES,
  },
};

/** One large execution after the other, from its start to its end as its history has them. */
export async function* runEngine({ app, tell }) {
  const { client, accessToken } = await registerAccount(app.url);
  for (const [name, { definition, input, isRight }] of Object.entries(CASES)) {
    const { id } = await dataOf(client.POST('/v1/workflows', { body: definition }));
    const run = async () => {
      const response = await fetch(`${app.url}/v1/workflows/${id}/executions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
          prefer: 'wait=60',
        },
        body: JSON.stringify({ input }),
      });
      return response.json();
    };
    tell(name);
    await run();
    const executions = [];
    for (let count = 0; count < RUNS; count++) executions.push(await run());
    const took = executions.map(({ durationMs }) => durationMs).sort((one, other) => one - other);
    yield {
      settings: { case: name, runs: RUNS },
      figures: { medianMs: round(took[Math.floor(RUNS / 2)]), maxMs: round(took.at(-1)) },
      isWrong: !executions.every((execution) => execution.status === 'succeeded' && isRight(execution)),
    };
  }
}

function joining() {
  const ids = Array.from({ length: BRANCHES }, (_, index) => `branch${index}`);
  return {
    name: 'Join',
    nodes: [start, ...ids.map((id) => ({ id, type: 'noop' })), { id: 'join', type: 'merge', config: { mode: 'list' } }],
    connections: ids.flatMap((id) => [
      { from: 'start', to: id },
      { from: id, to: 'join' },
    ]),
  };
}
