import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { createActiveWorkflow, registerAccount } from '../account.mjs';
import { messagesSince, storedMessages } from './connectors/log-messages.mjs';
import { WorkerProcesses } from './connectors/worker-processes.mjs';
import { LoadProcess } from './load-process.mjs';
import { CpuMeter, cpusBusy, memoryNow, round } from './measurement.mjs';
import { cpuSecondsOf } from './processes.mjs';
import { waitUntilItIsThere } from './webhook-workflow.mjs';

const GITHUB = {
  script: new URL('connectors/github-process.mjs', import.meta.url),
  flags: ['--conditions=millrace-src', '--experimental-transform-types', '--no-warnings'],
};
const LIMIT = 5_000;
/** Workers may end with a few calls that they took ahead and nobody came for. */
const NEARLY_ALL = LIMIT * 0.98;
const CALM_RATE = 10;
const WORKERS = 2;
const PAGE = 200;
const SAMPLE = 50;
/** For how long the calm one is measured while the busy one waits, at least. */
const AFTER_SECONDS = 12;
/** How long the quota may last after the last call. */
const LATE_SECONDS = 60;
const SETTLES_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const SHOWN_WITHIN_MS = 60_000;

/** One credential that is asked for more than its service allows, and beside it another that is not. */
export async function* runConnectors(system) {
  yield await measureOn(system, { pids: [], urls: [system.app.url] });
}

/** The same with workers in processes of their own. */
export async function* runConnectorsScaled(system) {
  await using workers = await WorkerProcesses.start(system.app, WORKERS);
  yield await measureOn(system, workers);
}

async function measureOn(system, workers) {
  const { client } = await registerAccount(system.app.url);
  const github = await LoadProcess.start(() => undefined, GITHUB);
  try {
    return await run({ ...system, client, github, workers });
  } finally {
    await github.stop();
  }
}

async function run(bench) {
  const { github, options, signal, tell } = bench;
  const [warm, calm, busy] = [await prepare(bench, 'warm'), await prepare(bench, 'calm'), await prepare(bench, 'busy')];
  tell(`warming up for ${options.warmupSeconds} s`);
  await github.tell('start', { name: 'warm', url: warm.hookUrl, rate: options.rate });
  await delay(options.warmupSeconds * 1000, undefined, { signal });
  await github.tell('pause', { name: 'warm' });
  await delay(SETTLES_MS, undefined, { signal });

  const before = await countersOf(bench);
  const called = await call(bench, { calm, busy });
  tell('reading what waits');
  const { totals } = called.snapshot.loads.busy;
  const waiting = await readWaiting(bench, busy, totals.accepted - totals.reached);
  const after = await countersOf(bench);
  return resultOf(bench, { ...called, waiting, before, after });
}

/** The calm one goes on for a while after the quota of the busy one is used up. */
async function call({ app, github, workers, options, signal, tell }, { calm, busy }) {
  tell(`calling for ${options.seconds} s`);
  const meter = new CpuMeter(app);
  const workersBefore = cpuOf(workers);
  await github.tell('mark');
  const patience = AbortSignal.timeout((options.seconds + LATE_SECONDS) * 1000);
  const usedUp = once(github, 'milestone', { signal: AbortSignal.any([signal, patience]) });
  usedUp.catch(() => undefined); // it may be before anybody waits
  await github.tell('start', { name: 'calm', url: calm.hookUrl, rate: CALM_RATE });
  const busyCall = { name: 'busy', url: busy.hookUrl, rate: options.rate, milestone: NEARLY_ALL, other: 'calm' };
  const startedAt = await github.tell('start', busyCall);
  await delay(options.seconds * 1000, undefined, { signal });
  await github.tell('pause', { name: 'busy' });
  const [{ at }] = await usedUp.catch(async (error) => {
    tell(`the quota is not used up: ${JSON.stringify(await github.tell('snapshot'))}`);
    throw error;
  });
  const restMs = at + AFTER_SECONDS * 1000 - (await github.tell('now'));
  await delay(Math.max(0, restMs), undefined, { signal });
  await github.tell('pause', { name: 'calm' });
  await delay(SETTLES_MS, undefined, { signal });
  const snapshot = await github.tell('snapshot');
  const workersSeconds = cpuOf(workers) - workersBefore;
  const cpu = meter.read(snapshot.cpuSeconds + workersSeconds);
  app.ensureRunning();
  return { snapshot, cpu, workersSeconds, quotaSeconds: (at - startedAt) / 1000 };
}

/** A credential of its own, and a workflow whose webhook asks for an issue in the repository of its order. */
async function prepare({ client, github }, name) {
  const data = { token: `ghp_${name}`, apiUrl: github.apiUrl };
  const credential = await dataOf(client.POST('/v1/credentials', { body: { type: 'github.token', name, data } }));
  const repository = `${name}/{{ trigger.body.orderId }}`;
  const workflow = await createActiveWorkflow(client, {
    name,
    nodes: [
      { id: 'hook', type: 'trigger.webhook', config: {} },
      { id: 'get', type: 'github.issue.get', config: { credentialId: credential.id, repository, number: 1 } },
    ],
    connections: [{ from: 'hook', to: 'get' }],
  });
  await waitUntilItIsThere(workflow.hookUrl);
  return { credentialId: credential.id, workflowId: workflow.id, hookUrl: workflow.hookUrl };
}

/** What workers count, and what the log has. */
async function countersOf({ app, workers }) {
  const texts = await Promise.all(workers.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const sumOf = (name) => {
    const lines = texts.flatMap((text) => [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))]);
    return lines.reduce((sum, [, number]) => sum + Number(number), 0);
  };
  return {
    putBack: sumOf('millrace_attempts_postponed_total'),
    permits: sumOf('millrace_quota_permits_total'),
    unguarded: sumOf('millrace_quotas_unguarded_total'),
    messages: await storedMessages(app),
  };
}

function cpuOf({ pids }) {
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid).app, 0);
}

/** What the API shows of those that wait; comes back when it shows as many as expected, or after a minute. */
async function readWaiting({ client, signal }, { workflowId, credentialId }, expected) {
  const deadline = performance.now() + SHOWN_WITHIN_MS;
  let ids = await listed(client, workflowId, 'waiting');
  while (ids.length !== expected && performance.now() < deadline) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    ids = await listed(client, workflowId, 'waiting');
  }
  const sample = ids.filter((_, index) => index % Math.ceil(ids.length / SAMPLE) === 0);
  const seen = await Promise.all(
    sample.map((id) => dataOf(client.GET('/v1/executions/{id}', { params: { path: { id } } }))),
  );
  const quotas = await dataOf(client.GET('/v1/quotas'));
  return {
    expected,
    shown: ids.length,
    sample: seen.length,
    sampleWaitsOnRateLimit: seen.filter(({ waitingOn }) => waitingOn?.kind === 'rateLimit').length,
    failed: (await listed(client, workflowId, 'failed')).length,
    quota: quotas.items.find(({ key }) => key.startsWith(credentialId)),
  };
}

async function listed(client, workflowId, status) {
  const ids = [];
  let cursor;
  do {
    const query = { workflowId, status, limit: PAGE, ...(cursor && { cursor }) };
    const page = await dataOf(client.GET('/v1/executions', { params: { query } }));
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

function resultOf({ app, options, workers }, measured) {
  const { snapshot, quotaSeconds, cpu, workersSeconds, waiting, before, after } = measured;
  const { busy, calm } = snapshot.loads;
  const putBack = after.putBack - before.putBack;
  const messages = messagesSince(before.messages, after.messages);
  const stored = Object.values(messages).reduce((sum, count) => sum + count, 0);
  const executions = busy.totals.accepted + calm.counts.accepted + snapshot.otherBefore.counts.accepted;
  return {
    settings: {
      limitPerHour: LIMIT,
      callsPerSecond: { busy: options.rate, calm: CALM_RATE },
      seconds: options.seconds,
      workerProcesses: workers.pids.length,
    },
    figures: {
      githubCallsPerSecond: round(NEARLY_ALL / quotaSeconds, 1),
      refusedByLimit: snapshot.refusedByLimit,
      busy: { called: busy.totals.sent, accepted: busy.totals.accepted, reached: busy.totals.reached },
      busyToGitHub: busy.toSink,
      waiting,
      calmToGitHub: { whileQuota: snapshot.otherBefore.toSink, after: calm.toSink },
      calm: { whileQuota: snapshot.otherBefore.counts, after: calm.counts },
      putBack,
      putBackPerWaiting: round(putBack / waiting.expected, 3),
      permitsTaken: after.permits - before.permits,
      unguarded: after.unguarded - before.unguarded,
      messagesPerExecution: round(stored / executions, 2),
      messages,
      cpusBusy: {
        ...cpusBusy({ ...cpu, generator: snapshot.cpuSeconds }),
        workersApart: round(workersSeconds / cpu.seconds, 2),
      },
      memoryMiB: memoryNow(app),
    },
    isWrong: isWrong(snapshot, waiting),
  };
}

function isWrong({ refusedByLimit, loads: { busy, calm } }, { expected, shown, sample, sampleWaitsOnRateLimit }) {
  const isBusyRight = busy.totals.reached >= NEARLY_ALL && shown === expected && sampleWaitsOnRateLimit === sample;
  const isCalmRight = calm.totals.reached === calm.totals.accepted && calm.totals.accepted === calm.totals.sent;
  return refusedByLimit > 0 || !isBusyRight || !isCalmRight || busy.totals.duplicates + calm.totals.duplicates > 0;
}
