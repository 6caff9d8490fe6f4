// `node scripts/bench/waiting-callers.mjs [callers]`: what callers cost who wait for a result. Needs a build.
import { Agent, request } from 'node:http';
import { createActiveWorkflow, registerAccount } from '../account.mjs';
import { AppProcess } from './app-process.mjs';
import { memoryNow } from './measurement.mjs';
import { waitUntilItAnswers } from './webhook-workflow.mjs';

const CALLERS = Number(process.argv[2] ?? 10_000);
/** Long enough that all wait at the same time. */
const DELAY_MS = 40_000;
/** Calls that are on their way to be accepted at a time. */
const TOGETHER = 200;
const TELL_EVERY = 1_000;

const definition = {
  name: 'Patience',
  nodes: [
    { id: 'hook', type: 'trigger.webhook', config: { respond: { mode: 'result', timeoutMs: 60_000 } } },
    { id: 'pause', type: 'wait.delay', config: { delayMs: DELAY_MS } },
  ],
  connections: [{ from: 'hook', to: 'pause' }],
};

let app;
try {
  app = await AppProcess.start({ sync: '1s' }, (started) => (app = started));
  const { client } = await registerAccount(app.url);
  const { hookUrl } = await createActiveWorkflow(client, definition);
  const quick = { ...definition, nodes: definition.nodes.slice(0, 1), connections: [] };
  await waitUntilItAnswers((await createActiveWorkflow(client, quick)).hookUrl, 200);
  const before = memoryNow(app);
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const answers = await callAll(hookUrl, agent);
  agent.destroy();
  const counts = Object.groupBy(answers, ({ status }) => status);
  process.stdout.write(
    `${JSON.stringify({
      callers: CALLERS,
      delayMs: DELAY_MS,
      memoryMiBBefore: before,
      memoryMiBWaiting: answers.memory,
      answers: Object.fromEntries(Object.entries(counts).map(([status, those]) => [status, those.length])),
      answeredWithinMs: percentiles(answers.map(({ ms }) => ms)),
    })}\n`,
  );
} finally {
  await app?.stop({ keep: false });
}

/** A call is let go when the one before it was sent long enough ago to be accepted; then it waits. */
async function callAll(url, agent) {
  const calls = [];
  let sent = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      while (sent < CALLERS) {
        sent += 1;
        if (sent % TELL_EVERY === 0) process.stderr.write(`${sent} callers\n`);
        const { connected, answered } = call(url, agent);
        calls.push(answered);
        await connected;
      }
    }),
  );
  process.stderr.write(`all have called after ${Math.round(performance.now() - started)} ms\n`);
  const memory = memoryNow(app);
  return Object.assign(await Promise.all(calls), { memory });
}

function call(url, agent) {
  const startedAt = performance.now();
  const { promise: connected, resolve: connect } = Promise.withResolvers();
  const answered = new Promise((resolve) => {
    const sending = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode, ms: performance.now() - startedAt }));
      },
    );
    sending.once('error', ({ code }) => {
      connect();
      resolve({ status: code, ms: performance.now() - startedAt });
    });
    sending.end('{}', connect);
  });
  return { connected, answered };
}

function percentiles(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
