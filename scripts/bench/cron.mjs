import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRunningNatsServer } from '../../dist/libs/embedded-servers/src/index.js';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { JetStreamConnection } from '../../dist/libs/jetstream/src/index.js';
import { registerAccount } from '../account.mjs';
import { CpuMeter, cpusBusy, memoryNow, round } from './measurement.mjs';

const A_WORKFLOW = 500;
const DUE_TOGETHER = 10_000;
const EACH_SECOND = 100;
/** From the activation of the last workflow to its slots, at least. */
const AHEAD_MS = 20_000;
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** Very many schedules: ten thousand of them due in the same second, then a hundred each second. */
export async function* runCron(system) {
  const { app, options, signal, tell } = system;
  const { total, seconds, warmupSeconds } = options;
  const { client } = await registerAccount(app.url);
  const idle = (nodeId) => ({ id: nodeId, type: 'trigger.schedule', config: { cron: '0 0 1 1 *' } });
  await using starts = await Starts.watch(app);
  const armedAt = performance.now();
  for (let armed = 0; armed < total - DUE_TOGETHER; armed += A_WORKFLOW) {
    signal.throwIfAborted();
    await activate(client, `idle ${armed}`, idle);
    if (armed % 10_000 === 0) tell(`${armed} of ${total} schedules are armed`);
  }
  const armSeconds = (performance.now() - armedAt) / 1000;
  const dueAt = Math.ceil((Date.now() + AHEAD_MS) / 1000) * 1000;
  const once = (id) => ({ id, type: 'trigger.schedule', config: { at: new Date(dueAt).toISOString() } });
  for (let armed = 0; armed < DUE_TOGETHER; armed += A_WORKFLOW) await activate(client, `due ${armed}`, once);
  if (Date.now() > dueAt - 2_000) throw new Error('arming took too long; the machine is too busy');
  tell(`${DUE_TOGETHER} are due at ${new Date(dueAt).toISOString()}`);
  const settings = { schedules: total, dueTogether: DUE_TOGETHER };
  const memoryBefore = memoryNow(app);
  await delay(dueAt - Date.now() - 500, undefined, { signal });
  const meter = new CpuMeter(app);
  const decided = await decidedBy(app, DUE_TOGETHER, dueAt, signal);
  const started = await starts.until(DUE_TOGETHER, dueAt, signal);
  const cpu = meter.read(0);
  yield {
    settings,
    figures: {
      armedPerSecond: round((total - DUE_TOGETHER) / armSeconds),
      decidedWithinSeconds: decided,
      startedWithinSeconds: started,
      memoryMiB: { before: memoryBefore, after: memoryNow(app) },
      cpusBusy: cpusBusy(cpu),
    },
    isWrong: decided === null || started === null,
  };
  await activate(client, 'each second', (id) => ({ ...idle(id), config: { cron: '* * * * * *' } }), EACH_SECOND);
  tell(`${EACH_SECOND} a second; warming up for ${warmupSeconds} s`);
  await delay(warmupSeconds * 1000, undefined, { signal });
  starts.reset();
  const steady = new CpuMeter(app);
  await delay(seconds * 1000, undefined, { signal });
  const late = starts.lateMs();
  yield {
    settings: { ...settings, eachSecond: EACH_SECOND, seconds },
    figures: {
      started: late.length,
      lateMs: { p50: at(late, 0.5), p99: at(late, 0.99), max: at(late, 1) },
      memoryMiB: memoryNow(app),
      cpusBusy: cpusBusy(steady.read(0)),
    },
    isWrong: late.length < EACH_SECOND * (seconds - 1),
  };
}

async function activate(client, name, nodeOf, count = A_WORKFLOW) {
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(`s${index}`));
  const { id } = await dataOf(client.POST('/v1/workflows', { body: { name, nodes, connections: [] } }));
  await dataOf(client.POST('/v1/workflows/{id}/activate', { params: { path: { id } } }));
}

/** Seconds after `dueAt` until so many slots are fired, by the app's own count. */
async function decidedBy(app, wanted, dueAt, signal) {
  while (Date.now() < dueAt + WITHIN_MS) {
    const text = await (await fetch(`${app.url}/metrics`, { signal })).text();
    const fired = Number(/millrace_schedule_slots_total\{outcome="fired"\} (\d+)/.exec(text)?.[1] ?? 0);
    if (fired >= wanted) return round((Date.now() - dueAt) / 1000, 2);
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** Executions of slots, as their first commits are told to whoever listens. */
class Starts {
  #connection;
  #late = [];
  #lastAt = 0;

  constructor(connection) {
    this.#connection = connection;
  }

  static async watch(app) {
    const url = await findRunningNatsServer(join(app.dir, 'data', 'nats'));
    const starts = new Starts(await JetStreamConnection.open({ servers: [url], name: 'bench' }));
    starts.#connection.client.subscribe('live.executions.>', {
      callback: (error, message) => {
        if (!error) starts.#take(message.string());
      },
    });
    return starts;
  }

  reset() {
    this.#late = [];
  }

  /** Sorted. From the slot to the commit that starts its execution. */
  lateMs() {
    return this.#late.toSorted((one, other) => one - other);
  }

  /** Seconds after `dueAt` until so many were told of. */
  async until(wanted, dueAt, signal) {
    while (this.#late.length < wanted) {
      if (Date.now() > dueAt + WITHIN_MS) return null;
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
    return round((this.#lastAt - dueAt) / 1000, 2);
  }

  async [Symbol.asyncDispose]() {
    await this.#connection[Symbol.asyncDispose]();
  }

  #take(commit) {
    const [envelope = '', events = ''] = commit.split('\n');
    if (!envelope.includes('"firstVersion":1,')) return;
    const slot = /"scheduledFor":"([^"]+)"/.exec(events)?.[1];
    if (slot === undefined) return;
    this.#lastAt = Date.now();
    this.#late.push(Date.parse(JSON.parse(envelope).at) - Date.parse(slot));
  }
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
