import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRunningNatsServer } from '../../dist/libs/embedded-servers/src/index.js';
import { createCommitCodec, executionLog } from '../../dist/libs/event-store-jetstream/src/index.js';
import { executionEventSchema } from '../../dist/libs/execution-engine/src/index.js';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { JetStreamConnection, JetStreamPublisher } from '../../dist/libs/jetstream/src/index.js';
import { createIdSource } from '../../dist/src/platform/ids.js';
import { registerAccount } from '../account.mjs';
import { createChance } from './api/sample-executions.mjs';
import { CpuMeter, cpusBusy, memoryNow, round } from './measurement.mjs';

const LOG_STREAMS = 4;
/** Executions that are under way at the same time. */
const TOGETHER = 64;
const IN_FLIGHT = 1_500;
const LOOK_EVERY_MS = 100;
const TELL_EVERY = 100_000;
const STATES = ['building', 'indexing', 'comparing', 'swapping'];

/** Commits written straight into the log; then all of them applied again, beside the live read models. */
export async function* runRebuild(system) {
  const { app, options, signal, tell } = system;
  const account = await registerAccount(app.url);
  const projections = new Projections(account, signal);
  const written = await seedLog({ app, total: options.total, workspace: account.workspace.id, signal, tell });
  await projections.level(tell);
  const meter = new CpuMeter(app);
  const startedAt = performance.now();
  const params = { path: { name: 'executions' }, query: { compareOnly: 'false' } };
  const { id } = await dataOf(account.client.POST('/v1/projections/{name}/rebuild', { params }));
  const { ended, secondsIn, lagMs } = await projections.follow(id, tell);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = meter.read(0);
  const { checksum, rows } = ended;
  yield {
    settings: { commits: written, executions: rows },
    figures: {
      seconds: round(seconds, 1),
      commitsPerSecond: round(written / seconds),
      secondsIn,
      liveLagMsAtMost: lagMs,
      cpusBusy: cpusBusy(cpu),
      memoryMiB: memoryNow(app),
      same: checksum.same,
      checksum: checksum.rebuilt,
    },
    isWrong: ended.state !== 'done' || checksum.same !== true,
  };
}

/** webhook → if → set → HTTP request, as the engine records it: three commits, those of many executions mixed. */
async function seedLog({ app, total, workspace, signal, tell }) {
  const url = await findRunningNatsServer(join(app.dir, 'data', 'nats'));
  const connection = await JetStreamConnection.open({ servers: [url], name: 'bench' });
  const publisher = new JetStreamPublisher(connection);
  const layout = executionLog(LOG_STREAMS, 1);
  const codec = createCommitCodec(executionEventSchema);
  let written = 0;
  try {
    for (const commit of commitsOf({ total, workspace })) {
      const done = publisher.publish(layout.subjectOf(commit.aggregateId), codec.encode(commit));
      if (publisher.unacknowledged >= IN_FLIGHT) await done;
      else done.catch((error) => tell(`not written: ${error.message}`));
      written += 1;
      if (written % TELL_EVERY === 0) {
        signal.throwIfAborted();
        tell(`${written} commits written`);
      }
    }
    while (publisher.unacknowledged > 0) await delay(LOOK_EVERY_MS);
    return written;
  } finally {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
  }
}

function* commitsOf({ total, workspace }) {
  const chance = createChance(20_261_128);
  const clock = { now: Date.now() - 3_600_000, nowMs: () => clock.now };
  const ids = createIdSource(clock);
  for (let number = 0; number < total; number += 3 * TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, Math.ceil((total - number) / 3)) }, (_, index) => {
      clock.now += 1;
      return historyOf({ id: ids.newId('execution'), workspace, number: number + index, chance, atMs: clock.now });
    });
    for (const step of [0, 1, 2]) for (const history of some) yield history[step];
  }
}

function historyOf({ id, workspace, number, chance, atMs }) {
  const of = (type, data) => ({ type, data });
  const orderId = `A-${number}`;
  const body = {
    orderId,
    amount: 100 + Math.floor(chance() * 100_000) / 100,
    currency: 'EUR',
    customer: { id: `c${Math.floor(chance() * 50_000)}`, city: 'Vienna' },
    items: [{ sku: `S-${Math.floor(chance() * 1_000)}`, quantity: 1 + Math.floor(chance() * 9) }],
    note: 'leave at the door',
  };
  const headers = { 'content-type': 'application/json', 'user-agent': 'bench' };
  const input = { body, method: 'POST', path: '/hooks/x', query: {}, headers, ip: '127.0.0.1' };
  const succeeded = (nodeId, output, leavesBy = ['main']) =>
    of('NodeSucceeded', { nodeId, attempt: 1, output, leavesBy });
  const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: { ok: true } };
  const steps = [
    [
      of('ExecutionStarted', {
        ...{ workspaceId: workspace, workflowId: 'wf_bench', workflowVersion: 1, priority: 'normal' },
        ...{ trigger: { type: 'trigger.webhook', nodeId: 'order' }, input: { value: input } },
      }),
    ],
    [
      succeeded('big', { sameAs: 'order' }, ['true']),
      succeeded('shape', { value: { id: orderId, text: `Order ${orderId} is big` } }),
      of('NodeScheduled', { nodeId: 'notify', attempt: 1, executor: 'http' }),
    ],
    [succeeded('notify', { value: answer }), of('ExecutionSucceeded', { endNodes: ['notify'] })],
  ];
  const firstVersions = [1, 2, 5];
  return steps.map((events, index) => ({
    id: `${id}-${index}`,
    aggregateId: id,
    firstVersion: firstVersions[index],
    at: new Date(atMs + 5 * index).toISOString(),
    events,
  }));
}

/** What the API says of the executions' projection. */
class Projections {
  #account;
  #signal;

  constructor(account, signal) {
    this.#account = account;
    this.#signal = signal;
  }

  async level(tell) {
    const startedAt = performance.now();
    for (;;) {
      const { lag } = await this.#look();
      if (lag.events === 0) break;
    }
    tell(`the live read models were level ${round((performance.now() - startedAt) / 1000, 1)} s after the last commit`);
  }

  /** To the end of that rebuild: how long each part took, and the most that the live read models were behind. */
  async follow(id, tell) {
    const secondsIn = Object.fromEntries(STATES.map((state) => [state, 0]));
    let lagMs = 0;
    let lastAt = performance.now();
    let told = 0;
    for (;;) {
      const { rebuild, lastRebuild, lag } = await this.#look();
      const now = performance.now();
      lagMs = Math.max(lagMs, lag.ms);
      if (lastRebuild?.id === id) return { ended: lastRebuild, secondsIn: roundAll(secondsIn), lagMs: round(lagMs) };
      if (rebuild && rebuild.state in secondsIn) secondsIn[rebuild.state] += (now - lastAt) / 1000;
      lastAt = now;
      if (rebuild && now - told > 5_000) {
        told = now;
        tell(`${rebuild.state}: ${rebuild.percent} %, ${rebuild.perSecond ?? 0}/s`);
      }
    }
  }

  async #look() {
    await delay(LOOK_EVERY_MS, undefined, { signal: this.#signal });
    const { items } = await dataOf(this.#account.client.GET('/v1/projections'));
    return items.find(({ name }) => name === 'executions');
  }
}

function roundAll(seconds) {
  return Object.fromEntries(Object.entries(seconds).map(([state, spent]) => [state, round(spent, 1)]));
}
