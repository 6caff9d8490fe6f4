import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRunningNatsServer } from '../../dist/libs/embedded-servers/src/index.js';
import { JetStreamConnection, JetStreamPublisher } from '../../dist/libs/jetstream/src/index.js';
import { createActiveWorkflow, registerAccount } from '../account.mjs';
import { cpuPer1000, cpusBusy, measure, memoryNow, round } from './measurement.mjs';
import { waitUntilItAnswers } from './webhook-workflow.mjs';

const MANY = 100_000;
const FEW = 10;
const ROUNDS = 3;
const IN_FLIGHT = 500;
const SETTLES_MS = 3_000;
const PREFIX = '$KV.routes.';

const definition = {
  name: 'Ingestion',
  nodes: [
    { id: 'hook', type: 'trigger.webhook', config: {} },
    { id: 'end', type: 'noop', config: {} },
  ],
  connections: [{ from: 'hook', to: 'end' }],
};

/** Calls that are accepted, with no worker there: first by themselves, then with few and with very many other webhooks. */
export async function* runHooks(system) {
  const { app, load, options, signal, tell } = system;
  const { client } = await registerAccount(app.url);
  const { hookUrl } = await createActiveWorkflow(client, definition);
  await waitUntilItAnswers(hookUrl);
  await load.tell('start', {
    kind: 'requests',
    url: hookUrl,
    slots: options.slots,
    headers: {},
    bodies: [JSON.stringify({ orderId: 'A-#########', amount: 250, note: 'x'.repeat(250) })],
    status: 202,
    expected: 'executionId',
  });
  tell(`warming up for ${options.warmupSeconds} s`);
  await delay(options.warmupSeconds * 1000, undefined, { signal });
  tell(`measuring for ${options.seconds} s`);
  yield ingestion(system, await measure(system, options.seconds));
  yield await compareTables(system, hookUrl);
  await load.tell('stop');
}

function ingestion({ app, options }, { snapshot, cpu }) {
  const { succeeded, failed } = snapshot.counts;
  return {
    settings: { case: 'ingestion', slots: options.slots, seconds: options.seconds },
    figures: {
      callsPerSecond: round(succeeded / snapshot.seconds, 1),
      answer: snapshot.latency,
      cpuSecondsPer1000: cpuPer1000(cpu, succeeded),
      cpusBusy: cpusBusy(cpu),
      memoryMiB: memoryNow(app),
      counts: snapshot.counts,
    },
    isWrong: failed > 0,
  };
}

/** In turn, so that what else the machine does meets both alike. */
async function compareTables(system, hookUrl) {
  const { app, options, signal, tell } = system;
  await using routes = await RoutesOf.open(app);
  const rates = { [FEW]: [], [MANY]: [] };
  await routes.fill(FEW);
  const memoryBefore = memoryNow(app).app;
  let memoryMiB = 0;
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    for (const count of [FEW, MANY]) {
      tell(`${count} webhooks, round ${turn + 1} of ${ROUNDS}`);
      await routes.fill(count);
      await waitUntilItAnswers(hookUrl);
      await delay(SETTLES_MS, undefined, { signal });
      const { snapshot } = await measure(system, options.seconds / 2);
      rates[count].push(snapshot.counts.succeeded / snapshot.seconds);
      if (count === MANY && turn === 0) memoryMiB = memoryNow(app).app - memoryBefore;
    }
  }
  const [few, many] = [FEW, MANY].map((count) => medianOf(rates[count]));
  return {
    settings: {
      case: `${FEW} and ${MANY} webhooks`,
      slots: options.slots,
      rounds: ROUNDS,
      seconds: options.seconds / 2,
    },
    figures: {
      callsPerSecond: { [FEW]: round(few, 1), [MANY]: round(many, 1) },
      manyToFew: round(many / few, 3),
      memoryMiB: round(memoryMiB),
    },
    isWrong: false,
  };
}

/** The routes of a running app, written as its projector writes them. */
class RoutesOf {
  #connection;
  #publisher;
  #present = 0;

  static async open(app) {
    const url = await findRunningNatsServer(join(app.dir, 'data', 'nats'));
    const routes = new RoutesOf();
    routes.#connection = await JetStreamConnection.open({ servers: [url], name: 'bench' });
    routes.#publisher = new JetStreamPublisher(routes.#connection);
    return routes;
  }

  async fill(count) {
    const from = Math.min(count, this.#present);
    const to = Math.max(count, this.#present);
    const isMore = count > this.#present;
    let next = from;
    const work = async () => {
      for (let index = next++; index < to; index = next++) await (isMore ? this.#put(index) : this.#delete(index));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
    this.#present = count;
  }

  async #put(index) {
    const id = String(index).padStart(28, '0');
    const route = {
      webhookId: `wh_${id}`,
      workspaceId: `ws_${id}`,
      workflowId: `wf_${id}`,
      version: 1,
      nodeId: 'hook',
      methods: ['POST'],
      maxBodyBytes: 1_048_576,
      variables: [],
      priority: 'normal',
    };
    await this.#publisher.publish(`${PREFIX}${tokenOf(index)}`, JSON.stringify(route));
  }

  async #delete(index) {
    const headers = { 'KV-Operation': 'DEL' };
    await this.#publisher.publish(`${PREFIX}${tokenOf(index)}`, '', { headers });
  }

  async [Symbol.asyncDispose]() {
    await this.#publisher[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }
}

function tokenOf(index) {
  return `bench${String(index).padStart(19, '0')}`;
}

function medianOf(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}
