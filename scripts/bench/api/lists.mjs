import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../../dist/libs/api-client/src/index.js';
import { bigOrdersPostingTo, registerAccount } from '../../account.mjs';
import { cpusBusy, measure, round } from '../measurement.mjs';
import { listCases, mismatchOf } from './list-cases.mjs';
import { endNodeOf, WORKFLOW_SHARES } from './sample-executions.mjs';
import { databaseUrlOf, seedExecutions } from './seed-executions.mjs';

const LIMIT = 50;
const DEEP_PAGE = 1_000;
const MOST_AT_ONCE = 200;
const CALLERS = [1, 8];
const SECONDS = 3;
const WARMUP_SECONDS = 1;
/** What is asked of the 99th percentile. */
const P99_MS = 30;

/** Lists with each filter at the first page and at the thousandth (or the last, if there are fewer), by one and by eight callers. */
export async function* measureLists(system, account) {
  const { app, options, signal, tell } = system;
  const workspaces = [];
  for (const one of [account, await registerAccount(app.url)]) workspaces.push(await prepareWorkspace(one));
  const now = Date.now();
  await seedExecutions({ databaseUrl: databaseUrlOf(app), total: options.total, workspaces, endMs: now, signal, tell });
  for (const filters of listCases({ workflowIds: workspaces[0].workflowIds, now })) {
    tell(`list ${JSON.stringify(filters)}`);
    yield* measureCase(system, account, filters);
  }
}

async function prepareWorkspace({ client, workspace }) {
  const workflowIds = [];
  for (const number of WORKFLOW_SHARES.keys()) {
    const { id } = await dataOf(client.POST('/v1/workflows', { body: await workflowNumbered(number) }));
    workflowIds.push(id);
  }
  return { id: workspace.id, workflowIds };
}

/** The example, with the node that posts under the name that the samples have. */
async function workflowNumbered(number) {
  const definition = await bigOrdersPostingTo('https://example.com/big');
  return JSON.parse(
    JSON.stringify({ ...definition, name: `Orders ${number}` }).replaceAll('"notify"', `"${endNodeOf(number)}"`),
  );
}

async function* measureCase(system, { client, accessToken }, filters) {
  const deep = await deepestPage(client, filters);
  const pages = deep.page === 1 ? [deep] : [{ page: 1 }, deep];
  for (const { page, cursor } of pages) {
    const query = { ...filters, limit: LIMIT, ...(cursor && { cursor }) };
    const path = `/v1/executions?${new URLSearchParams(query)}`;
    const { items } = await dataOf(client.GET('/v1/executions', { params: { query } }));
    const mismatch = items.map((item) => mismatchOf(item, filters)).find((wrong) => wrong !== undefined);
    for (const slots of CALLERS) {
      const run = await runCase(system, accessToken, { path, slots, first: items[0]?.id });
      yield {
        settings: {
          case: 'GET /v1/executions',
          filters,
          page,
          callers: slots,
          total: system.options.total,
          seconds: SECONDS,
        },
        figures: { items: items.length, ...run.figures, ...(mismatch && { mismatch }) },
        isWrong: mismatch !== undefined || run.failed > 0,
      };
    }
  }
}

/** The thousandth page or the last before it, found by following cursors once. */
async function deepestPage(client, filters) {
  const most = (DEEP_PAGE - 1) * LIMIT;
  let cursor;
  let passed = 0;
  while (passed < most) {
    const limit = Math.min(MOST_AT_ONCE, most - passed);
    const query = { ...filters, limit, ...(cursor && { cursor }) };
    const { items, nextCursor } = await dataOf(client.GET('/v1/executions', { params: { query } }));
    if (nextCursor === null) break;
    cursor = nextCursor;
    passed += items.length;
  }
  return { page: Math.floor(passed / LIMIT) + 1, cursor };
}

async function runCase(system, accessToken, { path, slots, first }) {
  const { load, app, signal } = system;
  await load.tell('start', {
    kind: 'requests',
    url: `${app.url}${path}`,
    method: 'GET',
    slots,
    headers: { authorization: `Bearer ${accessToken}` },
    expected: first === undefined ? '"items":[]' : `"id":"${first}"`,
  });
  await delay(WARMUP_SECONDS * 1000, undefined, { signal });
  const { snapshot, cpu } = await measure(system, SECONDS);
  await load.tell('stop');
  return {
    figures: {
      requestsPerSecond: round(snapshot.counts.succeeded / snapshot.seconds, 1),
      latency: snapshot.latency,
      isWithin30Ms: snapshot.latency.p99Ms !== null && snapshot.latency.p99Ms <= P99_MS,
      cpusBusy: cpusBusy(cpu),
      counts: snapshot.counts,
    },
    failed: snapshot.counts.failed,
  };
}
