import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CircuitBucket, Circuits, Destinations, QuotaBucket, Quotas } from '#libs/destination-limits-jetstream';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { nodeStateOf, putBacksOf, type ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, planOf } from '#libs/execution-engine/testing';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import type { JsonObject } from '#libs/kernel';
import { anyJsonObject, defineNodeType, NodeError, type AttemptContext } from '#libs/node-kit';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { AttemptRunner } from './attempt-runner.ts';
import { runtimeOn, startOf } from './testing/index.ts';

const LIMIT = 20;
const WINDOW_MS = 2_000;
const KEY = 'cr_1@service';

/** A service that counts in windows of its own, tells what is left, and refuses what is too much. */
async function startService(clock: { nowMs(): number }) {
  let used = 0;
  let endsAtMs = 0;
  const statuses: number[] = [];
  const server: Server = createServer((_request, response) => {
    const nowMs = clock.nowMs();
    if (nowMs >= endsAtMs) [used, endsAtMs] = [0, nowMs + WINDOW_MS];
    used++;
    const status = used > LIMIT ? 429 : 200;
    statuses.push(status);
    response.setHeader('x-remaining', Math.max(0, LIMIT - used)).setHeader('x-reset-in-ms', endsAtMs - nowMs);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('executions that call a service with a quota', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'quotas of executions spec' });
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const clock = { ms: Date.UTC(2026, 10, 23, 10), nowMs: (): number => clock.ms };

  const caller = (url: string) =>
    defineNodeType<JsonObject>({
      type: 'call',
      kind: 'action',
      title: 'Call',
      description: 'Calls the service.',
      runs: 'executor',
      executor: 'spec',
      configSchema: anyJsonObject(),
      outputsOf: () => ['main'],
      quotasOf: () => [{ key: KEY, limit: LIMIT, perMs: WINDOW_MS, learns: true }],
      run: async (_config: JsonObject, attempt: AttemptContext) => {
        const { status, headers } = await fetch(url);
        const resetInMs = Number(headers.get('x-reset-in-ms'));
        const remaining = Number(headers.get('x-remaining'));
        attempt.learnQuota(KEY, { kind: 'limited', limit: LIMIT, remaining, resetInMs });
        if (status !== 200) throw new NodeError('TOO_MANY', 'refused', { retryable: false });
        return {};
      },
    });

  async function openDestinations(publisher: JetStreamPublisher) {
    const circuits = new Circuits(await CircuitBucket.open(connection, publisher, 1), clock, {
      unreadable: () => undefined,
      interrupted: () => undefined,
    });
    const quotas = new Quotas(await QuotaBucket.open(connection, publisher, 1), clock, {
      taken: () => undefined,
      unguarded: () => undefined,
    });
    const destinations = new Destinations({
      ...{ circuits, quotas, clock, room: 96, newProbeId: () => crypto.randomUUID() },
      observer: { postponed: () => undefined, untold: () => undefined },
    });
    await until('it follows', () => circuits.isFollowing);
    return {
      destinations,
      async [Symbol.asyncDispose](): Promise<void> {
        await destinations[Symbol.asyncDispose]();
        await circuits[Symbol.asyncDispose]();
      },
    };
  }

  it('are never refused by it, wait in sight, and all get through', async () => {
    await using service = await startService(clock);
    await using publisher = new JetStreamPublisher(connection);
    await using here = await openDestinations(publisher);
    await using there = await openDestinations(publisher);
    const type = caller(service.url);
    const types = new Map([...nodeTypes, [type.type, type]]);
    const plan = planOf({ start: 'trigger.manual', send: { type: 'call' } }, ['start > send'], types);
    const workers = [here, there].map(({ destinations }) => {
      const runtime = runtimeOn(new InMemoryEventStore<ExecutionEvent>(), plan);
      const runner = new AttemptRunner({
        ...{ ...runtime, clock, destinations, nodeTypes: types, plans: { planOf: async () => plan } },
        credentials: { find: async () => ({ kind: 'absent' }), renew: async () => ({ kind: 'absent' }) },
        onFault: () => undefined,
      });
      return { runtime, runner };
    });

    const EACH = 30;
    const due: { readonly worker: (typeof workers)[number]; readonly executionId: string; readonly atMs: number }[] =
      [];
    for (const worker of workers) {
      for (let nth = 0; nth < EACH; nth++) {
        const executionId = `ex_${nth}`;
        await worker.runtime.journal.start(executionId, startOf());
        await worker.runtime.journal.submit(executionId, begin);
        due.push({ worker, executionId, atMs: clock.ms });
      }
    }
    let waits = 0;
    while (due.length > 0) {
      clock.ms = Math.max(clock.ms, Math.min(...due.map(({ atMs }) => atMs)));
      const now = due.filter(({ atMs }) => atMs <= clock.ms);
      due.splice(0, due.length, ...due.filter(({ atMs }) => atMs > clock.ms));
      await Promise.all(
        now.map(async ({ worker: { runner, runtime }, executionId }) => {
          const { journal } = runtime;
          runtime.clock.ms = clock.ms;
          await journal.submit(executionId, { type: 'FireTimer', timerId: 'again-send' });
          const send = async () => {
            const state = await journal.known(executionId);
            return state.status === 'none' ? undefined : nodeStateOf(state, 'send');
          };
          const attempt = { executionId, nodeId: 'send', attempt: 1, ...putBacksOf(await send()) };
          await runner.run(attempt, new AbortController().signal);
          const node = await send();
          if (node?.status !== 'postponed') return expect(node).toMatchObject({ status: 'succeeded' });
          expect(node).toMatchObject({ attempt: 1, reason: { kind: 'rateLimit', key: KEY } });
          waits++;
          due.push({ worker: { runner, runtime }, executionId, atMs: Date.parse(node.dueAt) });
        }),
      );
      await here.destinations.settled();
      await there.destinations.settled();
    }
    expect(service.statuses).toEqual(Array(2 * EACH).fill(200));
    // At first the calls that wait for an answer to tell, then one wait for a place in line.
    expect(waits).toBeGreaterThan(2 * EACH - LIMIT);
    expect(waits).toBeLessThanOrEqual(4 * EACH);
  });
});
