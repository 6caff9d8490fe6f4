import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { createActiveWorkflow, registerAccount } from '../account.mjs';
import { CpuMeter, cpuPer1000, cpusBusy, memoryNow, round } from './measurement.mjs';
import { measureOut } from './mail/out.mjs';
import { MAIL_DOMAIN } from './mail/domain.mjs';

const OUT_MAILS = 5_000;
const LIST = 10_000;
const POOL = 5;
const IN_CONNECTIONS = 10;
const IN_BYTES = 50 * 1024;
const LOOK_EVERY_MS = 250;

/** Mails out by the library alone, mails to a long list by a workflow, and messages with an attachment that start executions. */
export async function* runMail(system) {
  const { app, tell } = system;
  tell(`sending ${OUT_MAILS} mails by the library alone`);
  const { settings, isComplete, ...figures } = await measureOut({
    mails: OUT_MAILS,
    connections: POOL,
    dkim: false,
    tls: false,
  });
  yield { settings: { case: 'outbound-mail alone', ...settings }, figures, isWrong: !isComplete };
  const account = await registerAccount(app.url);
  yield await toAList(system, account);
  yield await comingIn(system, account);
}

/** Messages that start executions, with no worker there. */
export async function* runMailIn(system) {
  yield await comingIn(system, await registerAccount(system.app.url));
}

/** `forEach` with `email.send`, each mail with its records in the log. */
async function toAList({ app, tell, signal }, { client, accessToken }) {
  const sink = fork(new URL('./mail/sink-process.mjs', import.meta.url), { execArgv: ['--no-warnings'] });
  try {
    const [port] = await once(sink, 'message');
    const data = { host: '127.0.0.1', port, secure: false, maxConnections: POOL };
    const credential = await dataOf(client.POST('/v1/credentials', { body: { type: 'smtp', name: 'Sink', data } }));
    const config = {
      credentialId: credential.id,
      from: 'shop@example.com',
      to: '{{ item }}',
      subject: 'No. {{ index }}',
      text: 'It is on its way. '.repeat(60),
      html: `<p>${'It is on its way. '.repeat(200)}</p>`,
    };
    const nodes = [
      { id: 'start', type: 'trigger.manual', config: {} },
      {
        id: 'each',
        type: 'forEach',
        config: { items: '{{ trigger.body }}', concurrency: 32, node: { type: 'email.send', config } },
      },
    ];
    const body = { name: 'List', nodes, connections: [{ from: 'start', to: 'each' }] };
    const { id } = await dataOf(client.POST('/v1/workflows', { body }));
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const start = async (input) => {
      const asked = { method: 'POST', headers, body: JSON.stringify({ input }) };
      return (await (await fetch(`${app.url}/v1/workflows/${id}/executions`, asked)).json()).executionId;
    };
    const statusOf = async (executionId) =>
      (await (await fetch(`${app.url}/v1/executions/${executionId}`, { headers })).json()).status;
    const addresses = (count) => Array.from({ length: count }, (_, n) => `person-${n}@example.net`);
    const untilOver = async (executionId, look) => {
      for (;;) {
        const status = await statusOf(executionId);
        look();
        if (status !== 'running' && status !== 'queued') return status;
        await delay(LOOK_EVERY_MS, undefined, { signal });
      }
    };
    tell('warming up with 500 mails');
    await untilOver(await start(addresses(500)), () => undefined);
    tell(`sending to ${LIST} by a forEach`);
    const before = memoryNow(app).app;
    const meter = new CpuMeter(app);
    let most = before;
    const startedAt = performance.now();
    const status = await untilOver(await start(addresses(LIST)), () => (most = Math.max(most, memoryNow(app).app)));
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = meter.read(0);
    sink.send('how many');
    const [received] = await once(sink, 'message');
    return {
      settings: { case: 'email.send over a list', mails: LIST, connections: POOL, bytes: 4_600 },
      figures: {
        mailsPerSecond: round(LIST / seconds),
        appMemoryMiB: { before, most },
        cpuSecondsPer1000: cpuPer1000(cpu, LIST),
        cpusBusy: cpusBusy(cpu),
      },
      isWrong: status !== 'succeeded' || received !== LIST + 500,
    };
  } finally {
    sink.disconnect();
  }
}

/** Each message is read, its attachment stored, and answered when the log has its execution. */
async function comingIn({ app, options, tell, signal }, { client }) {
  const workflow = await createActiveWorkflow(client, {
    name: 'Mailed',
    nodes: [
      { id: 'in', type: 'trigger.email', config: {} },
      { id: 'end', type: 'noop', config: {} },
    ],
    connections: [{ from: 'in', to: 'end' }],
  });
  const params = { path: { id: workflow.id } };
  const { items } = await dataOf(client.GET('/v1/workflows/{id}/mail-addresses', { params }));
  const to = items[0]?.address ?? '';
  if (!to.endsWith(`@${MAIL_DOMAIN}`)) throw new Error('the app has no domain for mail');
  const load = fork(new URL('./mail/in-load.mjs', import.meta.url), [
    JSON.stringify({ port: app.mailPort, to, connections: IN_CONNECTIONS, bytes: IN_BYTES }),
  ]);
  try {
    const count = async () => {
      load.send('how many');
      return (await once(load, 'message'))[0];
    };
    tell(`taking messages for ${options.warmupSeconds} s`);
    await delay(options.warmupSeconds * 1000, undefined, { signal });
    await loopDelayMs(app);
    const before = await count();
    const meter = new CpuMeter(app);
    const startedAt = performance.now();
    tell(`measuring for ${options.seconds} s`);
    await delay(options.seconds * 1000, undefined, { signal });
    const after = await count();
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = meter.read(after.cpuSeconds - before.cpuSeconds);
    const taken = after.taken - before.taken;
    return {
      settings: { case: 'trigger.email', bytes: IN_BYTES, connections: IN_CONNECTIONS, seconds: options.seconds },
      figures: {
        messagesPerSecond: round(taken / seconds),
        longestAnswerMs: after.longestMs,
        longestLoopDelayMs: await loopDelayMs(app),
        cpuSecondsPer1000: cpuPer1000(cpu, taken),
        cpusBusy: cpusBusy(cpu),
        memoryMiB: memoryNow(app),
      },
      isWrong: after.refused > 0 || taken === 0,
    };
  } finally {
    load.kill('SIGKILL');
  }
}

/** The longest that the app's event loop was kept since it was asked last. */
async function loopDelayMs(app) {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const [, seconds = 'NaN'] = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text) ?? [];
  return round(Number(seconds) * 1000, 1);
}
