import { getEventListeners } from 'node:events';
import { LogUnavailableError } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import {
  begin,
  executionFailed,
  failed,
  failure,
  fire,
  InMemoryPayloadStore,
  nodeTypes,
  planOf,
  scheduled,
  started,
  succeeded,
  type DrawnNode,
} from '#libs/execution-engine/testing';
import { InvariantError, type JsonObject, type JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, NodeError, type AttemptContext, type NodeTypes } from '#libs/node-kit';
import type { CredentialSource } from './attempt-credentials.ts';
import { AttemptRunner } from './attempt-runner.ts';
import type { Attempt } from './attempt.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

type Work = (config: JsonObject, context: AttemptContext) => Promise<JsonValue>;

/** The built-in node types, and `work`, which does what the spec says. */
function typesWith(run: Work): NodeTypes {
  const work = defineNodeType<JsonObject>({
    type: 'work',
    kind: 'action',
    title: 'Work',
    description: 'Does what the spec says.',
    runs: 'executor',
    executor: 'spec',
    configSchema: anyJsonObject(),
    outputsOf: () => ['main'],
    run,
  });
  return new Map([...nodeTypes, [work.type, work]]);
}

const attempt: Attempt = { executionId: 'ex_1', nodeId: 'send', attempt: 1 };
const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } as const;
const input = { body: { name: 'Ada' } };

/** An execution whose node `send` is scheduled, and a runner in the same process. */
async function scheduledWork(run: Work, send: DrawnNode = { type: 'work' }) {
  const types = typesWith(run);
  const plan = planOf({ start: 'trigger.manual', send }, ['start > send'], types);
  const store = new InMemoryEventStore<ExecutionEvent>();
  const faults: { error: unknown; attempt: Attempt }[] = [];
  const runtime = runtimeOn(store, plan);
  await runtime.journal.start('ex_1', startOf(input));
  await runtime.journal.submit('ex_1', begin);
  const runner = new AttemptRunner({
    ...runtime,
    plans: { planOf: async () => plan },
    nodeTypes: types,
    credentials,
    onFault: (error, at) => faults.push({ error, attempt: at }),
  });
  return { store, plan, faults, runner, journal: runtime.journal };
}

const never = new AbortController().signal;
const credentials: CredentialSource = {
  find: async () => ({ kind: 'absent' }),
  renew: async () => ({ kind: 'absent' }),
};
const before = [started(input), scheduled('send', 1, 'spec')];

describe('an attempt', () => {
  it('runs the node with its config evaluated, and records its output', async () => {
    const seen: unknown[] = [];
    const { runner, store } = await scheduledWork(
      async (config, { executionId, nodeId, attempt: number, workspaceId, signal, scope }) => {
        seen.push(config, { executionId, nodeId, attempt: number, workspaceId }, signal.aborted, scope.trigger);
        return { sent: true };
      },
      { type: 'work', config: { text: 'Hello {{ trigger.body.name }}' } },
    );
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'succeeded', nodeType: 'work' });
    expect(seen).toEqual([
      { text: 'Hello Ada' },
      { ...attempt, workspaceId: 'ws_1' },
      false,
      { body: { name: 'Ada' } },
    ]);
    expect((await eventsOf(store)).slice(0, 3)).toEqual([...before, succeeded('send', { sent: true })]);
  });

  it('bears the same idempotency key as the attempt before it', async () => {
    const keys: string[] = [];
    const { runner, journal } = await scheduledWork(
      (_config, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        throw new NodeError('HTTP_STATUS', 'the answer was 503', { retryable: true });
      },
      { type: 'work', retry },
    );
    await runner.run(attempt, never);
    await journal.submit('ex_1', fire('retry-1-send'));
    await runner.run({ ...attempt, attempt: 2 }, never);
    const key = idempotencyKeyOf(attempt, undefined);
    expect(keys).toEqual([key, key]);
  });

  it('that fails for good fails the node', async () => {
    const error = { code: 'HTTP_STATUS', message: 'the answer was 404', details: { status: 404 } };
    const { runner, store, faults } = await scheduledWork(() => {
      throw new NodeError(error.code, error.message, { retryable: false, details: error.details });
    });
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'failed', nodeType: 'work' });
    expect(await eventsOf(store)).toEqual([...before, failed('send', error), executionFailed('send', error)]);
    expect(faults).toEqual([]);
  });

  it('that fails and may be tried again leaves that to the engine', async () => {
    const { runner, store } = await scheduledWork(
      () => Promise.reject(new NodeError('HTTP_STATUS', 'the answer was 503', { retryable: true, retryAfterMs: 5000 })),
      { type: 'work', retry },
    );
    await runner.run(attempt, never);
    expect((await eventsOf(store)).at(-1)).toMatchObject({
      type: 'NodeRetryScheduled',
      data: { attempt: 1, error: { code: 'HTTP_STATUS' }, dueAt: '2026-11-23T10:00:05.000Z' },
    });
  });

  it('that fails as no node should is ours: retryable, without internals, and told to the log', async () => {
    const mistake = new TypeError('x is not a function');
    const { runner, store, faults } = await scheduledWork(() => Promise.reject(mistake), { type: 'work', retry });
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'failed', nodeType: 'work' });
    const last = (await eventsOf(store)).at(-1);
    expect(last).toMatchObject({ type: 'NodeRetryScheduled', data: { error: { code: 'INTERNAL' } } });
    expect(JSON.stringify(last)).not.toContain('not a function');
    expect(faults).toEqual([{ error: mistake, attempt }]);
  });

  it('whose config does not evaluate fails, and the node does not run', async () => {
    let runs = 0;
    const { runner, store, faults } = await scheduledWork(
      async () => {
        runs++;
        return {};
      },
      { type: 'work', config: { text: '{{ trigger.body.nam }}' } },
    );
    await runner.run(attempt, never);
    expect((await eventsOf(store))[2]).toMatchObject({
      type: 'NodeFailed',
      data: { error: { code: 'EXPRESSION_FAILED', details: { path: 'text', expression: 'trigger.body.nam' } } },
    });
    expect(runs).toBe(0);
    expect(faults).toEqual([]);
  });

  it('of a node type that is not installed is not made, and nothing is recorded', async () => {
    const { journal, plan, store } = await scheduledWork(async () => ({}));
    const runner = new AttemptRunner({
      ...runtimeOn(store, plan),
      journal,
      nodeTypes,
      credentials,
      plans: { planOf: async () => plan },
      onFault: () => undefined,
    });
    await expect(runner.run(attempt, never)).rejects.toBeInstanceOf(InvariantError);
    expect(await eventsOf(store)).toEqual(before);
  });
});

/** Works until it is told to end, and ends in that way. */
const unlessTold =
  (end: () => Promise<JsonValue>) =>
  (_: unknown, { signal }: Pick<AttemptContext, 'signal'>): Promise<JsonValue> =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(end()));
    });
const doubtful = (): Promise<JsonValue> =>
  Promise.reject(new NodeError('NO_ANSWER', 'the connection broke', { retryable: false, inDoubt: true }));

describe('an attempt that takes too long', () => {
  const slow: DrawnNode = { type: 'work', timeoutMs: 10, retry };

  it('is told to stop by a TimeoutError, and is retryable', async () => {
    let told: unknown;
    const { runner, store, faults } = await scheduledWork(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = signal.reason;
            reject(new NodeError('HTTP_ABORTED', 'the request was aborted', { retryable: false }));
          });
        }),
      slow,
    );
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'failed', nodeType: 'work' });
    expect(told).toHaveProperty('name', 'TimeoutError');
    expect((await eventsOf(store)).at(-1)).toMatchObject({
      type: 'NodeRetryScheduled',
      data: { error: { code: 'NODE_TIMEOUT' } },
    });
    expect(faults).toEqual([]);
  });

  it('is put before a person when it is in doubt', async () => {
    const { runner, store } = await scheduledWork(unlessTold(doubtful), slow);
    await runner.run(attempt, never);
    expect((await eventsOf(store)).at(-1)).toMatchObject({
      type: 'NodeWaiting',
      data: { on: { kind: 'person', error: { code: 'NO_ANSWER' } } },
    });
  });

  it('was done all the same, when the node says so at once', async () => {
    const { runner, store } = await scheduledWork(
      unlessTold(() => Promise.resolve('done')),
      slow,
    );
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'succeeded', nodeType: 'work' });
    expect(await eventsOf(store)).toContainEqual(succeeded('send', 'done'));
  });

  it('is over though the node does not listen', async () => {
    const { runner, store } = await scheduledWork(() => new Promise(() => undefined), slow);
    await runner.run(attempt, never);
    expect((await eventsOf(store)).at(-1)).toMatchObject({ data: { error: { code: 'NODE_TIMEOUT' } } });
  });
});

describe('when the process must go', () => {
  const stopping = () => {
    const controller = new AbortController();
    return { stop: controller.signal, now: () => controller.abort(new Error('shutting down')) };
  };

  it('the work is told, nothing is recorded, and no fault is seen in it', async () => {
    const { stop, now } = stopping();
    const { runner, store, faults } = await scheduledWork((_, { signal }) => {
      const work = new Promise<JsonValue>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to stop')));
      });
      now();
      return work;
    });
    await expect(runner.run(attempt, stop)).rejects.toThrow('shutting down');
    expect(await eventsOf(store)).toEqual(before);
    expect(faults).toEqual([]);
  });

  it('what the work makes of its abortion is not recorded either', async () => {
    const { stop, now } = stopping();
    const { runner, store } = await scheduledWork(async () => {
      now();
      throw new NodeError('HTTP_ABORTED', 'the request was aborted', { retryable: true });
    });
    await expect(runner.run(attempt, stop)).rejects.toThrow('shutting down');
    expect(await eventsOf(store)).toEqual(before);
  });

  it('but that it is in doubt: it would only be done twice', async () => {
    const { stop, now } = stopping();
    const { runner, store } = await scheduledWork((config, context) => {
      const work = unlessTold(doubtful)(config, context);
      now();
      return work;
    });
    expect(await runner.run(attempt, stop)).toEqual({ outcome: 'failed', nodeType: 'work' });
    expect((await eventsOf(store)).at(-1)).toMatchObject({ type: 'NodeWaiting', data: { on: { kind: 'person' } } });
  });

  it('no work begins any more', async () => {
    let runs = 0;
    const { stop, now } = stopping();
    now();
    const { runner, store } = await scheduledWork(async () => {
      runs++;
      return {};
    });
    await expect(runner.run(attempt, stop)).rejects.toThrow('shutting down');
    expect(runs).toBe(0);
    expect(await eventsOf(store)).toEqual(before);
  });

  it('what is done is recorded: it would only be done twice', async () => {
    const { stop, now } = stopping();
    const { runner, store } = await scheduledWork(() => {
      const done = Promise.resolve('done');
      void done.then(now);
      return done;
    });
    expect(await runner.run(attempt, stop)).toEqual({ outcome: 'succeeded', nodeType: 'work' });
    expect(await eventsOf(store)).toContainEqual(succeeded('send', 'done'));
  });

  it('nobody listens to it any more after an attempt', async () => {
    const { stop } = stopping();
    const { runner } = await scheduledWork(async () => ({}));
    await runner.run(attempt, stop);
    expect(getEventListeners(stop, 'abort')).toEqual([]);
  });
});

describe('an attempt that is not wanted', () => {
  it.each<[string, Attempt]>([
    ['of a later number', { ...attempt, attempt: 2 }],
    ['at another node', { ...attempt, nodeId: 'start' }],
    ['at no node', { ...attempt, nodeId: 'constructor' }],
    ['of an unknown execution', { ...attempt, executionId: 'ex_2' }],
  ])('%s is dropped, and the node does not run', async (_, unwanted) => {
    let runs = 0;
    const { runner, store } = await scheduledWork(async () => ++runs);
    expect(await runner.run(unwanted, never)).toEqual({ outcome: 'dropped', nodeType: '' });
    expect(runs).toBe(0);
    expect(await eventsOf(store)).toEqual(before);
  });

  it('is dropped when its result is recorded', async () => {
    let runs = 0;
    const { runner, store } = await scheduledWork(async () => ++runs);
    await runner.run(attempt, never);
    const recorded = await eventsOf(store);
    expect(await runner.run(attempt, never)).toEqual({ outcome: 'dropped', nodeType: '' });
    expect(runs).toBe(1);
    expect(await eventsOf(store)).toEqual(recorded);
  });

  it('is recorded once though two were made at once', async () => {
    const { runner, store } = await scheduledWork(async () => ({}));
    await Promise.all([runner.run(attempt, never), runner.run(attempt, never)]);
    expect((await eventsOf(store)).filter(({ type }) => type === 'NodeSucceeded')).toHaveLength(1);
  });
});

describe('an attempt that this process has not heard of', () => {
  it('is made when the log wants it', async () => {
    const { store, plan, journal, runner } = await scheduledWork(async () => 'done', { type: 'work', retry });
    await journal.submit('ex_1', failure('send', { retryable: true }));
    await runtimeOn(store, plan).journal.submit('ex_1', fire('retry-1-send'));
    expect(await runner.run({ ...attempt, attempt: 2 }, never)).toEqual({ outcome: 'succeeded', nodeType: 'work' });
    expect(await eventsOf(store)).toContainEqual(succeeded('send', 'done', 2));
  });
});

describe('a stored value that can not be had now', () => {
  it('costs no attempt: the run rejects, and nothing is recorded', async () => {
    const types = typesWith(async () => ({}));
    const plan = planOf(
      { start: 'trigger.manual', first: 'noop', send: { type: 'work' } },
      ['start > first', 'first > send'],
      types,
    );
    const store = new InMemoryEventStore<ExecutionEvent>();
    const payloadStore = new InMemoryPayloadStore();
    const { journal } = runtimeOn(store, plan, payloadStore);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    await journal.submit('ex_1', { type: 'RecordSuccess', nodeId: 'first', attempt: 1, output: 'x'.repeat(70_000) });
    const recorded = await eventsOf(store);
    const away = {
      put: payloadStore.put.bind(payloadStore),
      get: () => Promise.reject(new LogUnavailableError('the object store did not answer')),
    };
    const faults: unknown[] = [];
    const runner = new AttemptRunner({
      ...runtimeOn(store, plan, away),
      plans: { planOf: async () => plan },
      nodeTypes: types,
      credentials,
      onFault: (error) => faults.push(error),
    });
    await expect(runner.run(attempt, never)).rejects.toBeInstanceOf(LogUnavailableError);
    expect(await eventsOf(store)).toEqual(recorded);
    expect(faults).toEqual([]);
  });
});
