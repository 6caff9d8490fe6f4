import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { createCommitCodec, executionLog, JetStreamEventStore } from '#libs/event-store-jetstream';
import { executionEventSchema, type ExecutionEvent, type Priority } from '#libs/execution-engine';
import { nodeTypes, planOf } from '#libs/execution-engine/testing';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer, reconcileStream } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import {
  DISPATCHER,
  executorConsumer,
  PausedQueues,
  readQueueStates,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startStream,
  taskStreams,
  TIMER_CONSUMER,
  TIMER_STREAM,
  timerStream,
} from '#libs/work-queue-jetstream';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { AttemptRunner } from './attempt-runner.ts';
import { runtimeOn, startOf, StoreBetween } from './testing/index.ts';
import { FollowUps } from './follow-ups.ts';
import { ExecutionWorker } from './worker.ts';

const LANE_NAMES = ['start.high', 'start.normal', 'start.low'];
const AT = '2026-11-23T10:00:00.000Z';

describe('ExecutionWorker', () => {
  const layout = executionLog(1, 1);
  const codec = createCommitCodec<ExecutionEvent>(executionEventSchema);
  const plan = planOf({ start: 'trigger.manual', rest: 'noop' }, ['start > rest']);
  let nats: TestNats;
  let manager: JetStreamManager;
  let outside: Process;
  /** Executions in the order in which they were begun, by any worker. */
  let begun: string[];
  let count = 0;

  beforeAll(async () => {
    nats = await startTestNats();
    const connection = await JetStreamConnection.open({ servers: [nats.url], name: 'worker spec' });
    manager = await jetstreamManager(connection.client);
    for (const stream of [...layout.streams, ...taskStreams(1, 1), startStream(1), timerStream(1)])
      await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'EXECUTIONS_0', DISPATCHER);
    await reconcileConsumer(manager, 'TASKS_0', executorConsumer('noop'));
    await reconcileConsumer(manager, TIMER_STREAM, TIMER_CONSUMER);
    for (const place of START_PLACES) await reconcileConsumer(manager, START_STREAM, starterConsumer(place));
    outside = await processOn(connection);
  });
  beforeEach(() => {
    begun = [];
  });
  afterAll(async () => {
    await outside[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const nothing = (): Promise<void> => Promise.resolve();

  interface Process extends AsyncDisposable {
    readonly connection: JetStreamConnection;
    readonly store: StoreBetween;
    readonly pauses: PausedQueues;
    readonly worker: ExecutionWorker;
    readonly start: (executionId: string, of?: { workspaceId?: string; priority?: Priority }) => Promise<void>;
  }

  async function processOn(connection: JetStreamConnection): Promise<Process> {
    const publisher = new JetStreamPublisher(connection);
    const store = new StoreBetween(new JetStreamEventStore({ connection, publisher, layout, codec }));
    const append = store.append;
    store.append = (commit, expected) => {
      if (commit.firstVersion === 2) begun.push(commit.aggregateId);
      return append(commit, expected);
    };
    const runtime = runtimeOn(store, plan);
    const pauses = await PausedQueues.open(connection, { replicas: 1, onFault: () => undefined });
    const runner = new AttemptRunner({
      ...runtime,
      plans: { planOf: async () => plan },
      nodeTypes,
      credentials: {
        find: () => Promise.reject(new Error('there are none')),
        renew: () => Promise.reject(new Error('there are none')),
      },
      onFault: (error) => expect(error).toBeUndefined(),
    });
    const followUps = new FollowUps({
      ...runtime,
      plans: { planOf: async () => plan },
      gates: { admit: nothing, leave: nothing },
      deadLetters: { setAside: nothing, tellRedriven: nothing },
      announceEnd: () => undefined,
    });
    const worker = new ExecutionWorker({
      followUps,
      connection,
      publisher,
      journal: runtime.journal,
      runner,
      pauses,
      clock: runtime.clock,
      failures: { isAway: () => true, poison: { setAside: nothing } },
      observer: { attempted: () => undefined, drifted: () => undefined, failed: () => undefined },
      logStreams: ['EXECUTIONS_0'],
      taskStreams: ['TASKS_0'],
      slots: { noop: 16 },
      ensureConsumer: async (stream, consumer) => void (await reconcileConsumer(manager, stream, consumer)),
    });
    return {
      connection,
      store,
      pauses,
      worker,
      start: (id, of = {}) => runtime.journal.start(id, { ...startOf(), ...of }),
      [Symbol.asyncDispose]: async () => {
        await worker[Symbol.asyncDispose]();
        await pauses[Symbol.asyncDispose]();
        await publisher[Symbol.asyncDispose]();
        await connection[Symbol.asyncDispose]();
      },
    };
  }
  const anotherProcess = async (): Promise<Process> =>
    processOn(await JetStreamConnection.open({ servers: [nats.url], name: 'another worker' }));
  const setPaused = async (paused: boolean): Promise<void> => {
    for (const name of LANE_NAMES) await outside.pauses.say(name, { paused, at: AT, by: 'usr_1' });
  };
  const newId = (): string => `ex_w${++count}`;
  const ready = async (): Promise<number> => {
    const states = await readQueueStates({ connection: outside.connection, manager }, { logStreams: 1, executors: [] });
    return LANE_NAMES.reduce((sum, name) => sum + (states.get(name)?.ready ?? 0), 0);
  };

  it('begins what waits in the queues by lane, and lets a small workspace past a large one', async () => {
    await setPaused(true);
    await using one = await anotherProcess();
    await until('it has heard', () => one.pauses.has('start.low'));
    one.worker.start();
    const large = Array.from({ length: 60 }, newId);
    for (const id of large) await outside.start(id, { workspaceId: 'ws_large' });
    await until('all are queued', async () => (await ready()) === 60);
    const [small, urgent] = [newId(), newId()];
    await outside.start(small, { workspaceId: 'ws_small' });
    await outside.start(urgent, { workspaceId: 'ws_large', priority: 'high' });
    await until('these too', async () => (await ready()) === 62);
    expect(begun).toEqual([]);
    await setPaused(false);
    await until('all have begun', () => begun.length === 62);
    expect(begun.indexOf(urgent)).toBeLessThan(40);
    expect(begun.indexOf(small)).toBeLessThan(40);
    await one.worker.drain(5_000);
  });

  it('a pause holds in every worker, until it is resumed', async () => {
    await using one = await anotherProcess();
    await using other = await anotherProcess();
    one.worker.start();
    other.worker.start();
    await setPaused(true);
    await until('both have heard', () => one.pauses.has('start.low') && other.pauses.has('start.low'));
    const ids = Array.from({ length: 10 }, newId);
    for (const id of ids) await outside.start(id);
    await until('all are queued', async () => (await ready()) === 10);
    expect(begun).toEqual([]);
    await setPaused(false);
    await until('all have begun', () => begun.length === 10);
    expect(begun.toSorted()).toEqual(ids.toSorted());
    await Promise.all([one.worker.drain(5_000), other.worker.drain(5_000)]);
  });

  it('what a worker had at its door when it died is begun by another', async () => {
    await using one = await anotherProcess();
    const dying = Promise.withResolvers<number>();
    const ids = Array.from({ length: 5 }, newId);
    const held = new Set<string>();
    one.store.append = ({ aggregateId }) => {
      held.add(aggregateId);
      return dying.promise;
    };
    one.worker.start();
    for (const id of ids) await outside.start(id);
    await until('it is beginning them', () => ids.every((id) => held.has(id)));
    await one.connection.client.close();
    await using other = await anotherProcess();
    other.worker.start();
    await until('the other has begun them', () => ids.every((id) => begun.includes(id)), 20_000);
    dying.reject(new Error('it is dead'));
    await other.worker.drain(5_000);
  }, 30_000);

  it('drains: what waits at its door goes to the queue, and from there to another', async () => {
    await using one = await anotherProcess();
    const slow = Promise.withResolvers<void>();
    const append = one.store.append;
    one.store.append = async (commit, expected) => {
      await slow.promise;
      return append(commit, expected);
    };
    one.worker.start();
    const ids = Array.from({ length: 60 }, newId);
    for (const id of ids) await outside.start(id);
    await until('some wait', () => (one.worker.report()['start.normal']?.direct ?? 0) > 50);
    const drained = one.worker.drain(5_000);
    slow.resolve();
    await drained;
    const inHand = begun.length;
    expect(inHand).toBeLessThan(60);
    await using other = await anotherProcess();
    other.worker.start();
    await until('the other has begun the rest', () => ids.every((id) => begun.includes(id)), 20_000);
    await other.worker.drain(5_000);
  }, 30_000);
});
