import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionCommand, ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, planOf, type DrawnNode } from '#libs/execution-engine/testing';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, NodeError, type AttemptContext } from '#libs/node-kit';
import { ANYWHERE, type CallEnd, type Destination, type Entrance } from './at-destination.ts';
import { AttemptRunner } from './attempt-runner.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

type Work = (config: JsonObject, context: AttemptContext) => Promise<JsonValue>;

/** An attempt at a node that calls `config.host`, at doors that do as the spec says. */
async function attemptAt(doors: (nth: number) => Entrance | CallEnd[], work: Work, node: Partial<DrawnNode & object>) {
  const type = defineNodeType<JsonObject>({
    type: 'work',
    kind: 'action',
    title: 'Work',
    description: 'Does what the spec says.',
    runs: 'executor',
    executor: 'spec',
    configSchema: anyJsonObject(),
    outputsOf: () => ['main'],
    destinationOf: ({ host }) => (typeof host === 'string' ? host : undefined),
    quotasOf: ({ account }) =>
      typeof account === 'string' ? [{ key: account, limit: 5, perMs: 1_000, learns: true }] : [],
    run: work,
  });
  const types = new Map([...nodeTypes, [type.type, type]]);
  const send = { type: 'work', config: { host: '{{ trigger.host }}' }, ...node };
  const plan = planOf({ start: 'trigger.manual', send }, ['start > send'], types);
  const store = new InMemoryEventStore<ExecutionEvent>();
  const runtime = runtimeOn(store, plan);
  await runtime.journal.start('ex_1', startOf({ host: 'a:1' }));
  await runtime.journal.submit('ex_1', begin);
  const entered: Destination[] = [];
  const runner = new AttemptRunner({
    ...runtime,
    plans: { planOf: async () => plan },
    nodeTypes: types,
    credentials: { find: async () => ({ kind: 'absent' }), renew: async () => ({ kind: 'absent' }) },
    destinations: {
      enter: async (destination) => {
        const door = doors(entered.push(destination));
        return Array.isArray(door) ? { ...ANYWHERE, leave: (end: CallEnd) => void door.push(end) } : door;
      },
    },
    onFault: () => undefined,
  });
  const run = (stop = new AbortController().signal, of: { batch?: number; putBacks?: number } = {}) =>
    runner.run({ executionId: 'ex_1', nodeId: 'send', attempt: 1, ...of }, stop);
  const submit = (command: ExecutionCommand): Promise<void> => runtime.journal.submit('ex_1', command);
  return { run, submit, entered, last: async () => (await eventsOf(store)).at(-1) };
}

/** Turns of the event loop, until it holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}

const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 1, maxMs: 1, jitter: false } as const;
const untilMs = Date.UTC(2026, 10, 23, 11);
const reason = { kind: 'circuit', key: 'a:1' } as const;
const shut: Entrance = { kind: 'postponed', reason, untilMs };
const fails = (options: object) => () => Promise.reject(new NodeError('X', 'x', { retryable: false, ...options }));

describe('an attempt at a destination', () => {
  it.each(['retry', 'fail'] as const)('that takes none is put back and not begun; interrupted: %s', async (policy) => {
    let begun = false;
    const work: Work = async () => (begun = true);
    const { run, entered, last } = await attemptAt(() => shut, work, { onInterrupted: policy });
    expect(await run()).toEqual({ outcome: 'postponed', nodeType: 'work' });
    expect(entered).toEqual([{ workspaceId: 'ws_1', key: 'a:1' }]);
    expect(begun).toBe(false);
    expect(await last()).toEqual({
      type: 'NodePostponed',
      data: { nodeId: 'send', attempt: 1, reason, dueAt: '2026-11-23T11:00:00.000Z' },
    });
  });

  it.each<[string, Work, CallEnd]>([
    ['success', async () => ({}), { outcome: 'ok' }],
    ['an answer that fails the node', fails({ destination: 'answered' }), { outcome: 'ok' }],
    ['a failure of the destination', fails({ destination: 'failed' }), { outcome: 'failed' }],
    ['a wish to be left alone', fails({ destination: 'failed', retryAfterMs: 7 }), { outcome: 'failed', pauseMs: 7 }],
    ['a wish of its own answer', fails({ destination: 'answered', retryAfterMs: 7 }), { outcome: 'ok' }],
    ['a failure before it was asked', fails({}), { outcome: 'ignored' }],
    ['a fault of ours', () => Promise.reject(new TypeError('x')), { outcome: 'ignored' }],
  ])('tells it how it went: %s', async (_name, work, end) => {
    const ends: CallEnd[] = [];
    await (await attemptAt(() => ends, work, {})).run();
    expect(ends).toEqual([end]);
  });

  it.each(['retry', 'ask'] as const)('whose limit refuses is put back too, interrupted: %s', async (onInterrupted) => {
    const ends: CallEnd[] = [];
    const limited = fails({ destination: 'failed', retryAfterMs: 7_000, rateLimited: true });
    const { run, last } = await attemptAt(() => ends, limited, { onInterrupted });
    expect(await run()).toEqual({ outcome: 'postponed', nodeType: 'work' });
    const data = { nodeId: 'send', attempt: 1, reason: { kind: 'rateLimit', key: 'a:1' } };
    expect(await last()).toMatchObject({ type: 'NodePostponed', data });
    expect(ends).toEqual([{ outcome: 'failed', pauseMs: 7_000 }]);
  });

  it.each<[string, Partial<DrawnNode & object>]>([
    ['does not want that code again', { retry: { ...retry, dontRetryOn: ['X'] } }],
    ['names no destination', { config: {} }],
  ])('whose limit refuses has failed when its node %s', async (_, node) => {
    const { run, last } = await attemptAt(() => [], fails({ destination: 'failed', rateLimited: true }), node);
    expect(await run()).toEqual({ outcome: 'failed', nodeType: 'work' });
    expect((await last())?.type).toBe('ExecutionFailed');
  });

  it.each([
    [9, 'postponed'],
    [10, 'failed'],
  ])('whose limit refuses a later call begins anew ten times: after %i it is %s', async (putBacks, outcome) => {
    const late = fails({ destination: 'failed', rateLimited: true, afterAnswers: true });
    const { run, submit, last } = await attemptAt(() => [], late, {});
    const dueAt = new Date(0).toISOString();
    for (let nth = 0; nth < putBacks; nth++) {
      await submit({ type: 'PostponeAttempt', nodeId: 'send', attempt: 1, dueAt, reason });
      await submit({ type: 'FireTimer', timerId: 'again-send' });
    }
    expect(await run(undefined, { putBacks })).toEqual({ outcome, nodeType: 'work' });
    expect((await last())?.type).toBe(outcome === 'failed' ? 'ExecutionFailed' : 'NodePostponed');
  });

  it('that is in doubt is not put back, whatever else its node says', async () => {
    const doubtful = fails({ destination: 'failed', rateLimited: true, inDoubt: true });
    const { run, last } = await attemptAt(() => [], doubtful, { onInterrupted: 'ask' });
    expect(await run()).toEqual({ outcome: 'failed', nodeType: 'work' });
    expect(await last()).toMatchObject({ type: 'NodeWaiting', data: { on: { kind: 'person' } } });
  });

  it.each([
    [0, 'postponed'],
    [1, 'succeeded'],
  ])('whose limit refuses after %i items of a batch takes the rest later', async (done, outcome) => {
    let calls = 0;
    const work: Work = () =>
      ++calls > done ? fails({ destination: 'failed', rateLimited: true })() : Promise.resolve({});
    const node = { type: 'work', config: { host: 'a:1' } };
    const { run, last } = await attemptAt(() => [], work, {
      type: 'forEach',
      config: { items: [0, 1, 2], batchSize: 3, onItemError: 'continue', node },
    });
    expect(await run(undefined, { batch: 0 })).toEqual({ outcome, nodeType: 'work' });
    expect(calls).toBe(done + 1);
    const again = { indexes: [0, 1, 2].slice(done), postponed: { kind: 'rateLimit', key: 'a:1' } };
    expect(await last()).toMatchObject({ type: 'NodeBatchEnded', data: { errors: [], again } });
  });

  it.each(['fail', 'ask'] as const)(
    'is disturbed by no late delivery of an earlier making, interrupted: %s',
    async (policy) => {
      const { promise: held, resolve: letGo } = Promise.withResolvers<JsonValue>();
      let calls = 0;
      const limited = fails({ destination: 'failed', retryAfterMs: 0, rateLimited: true });
      const work: Work = () => (++calls === 1 ? limited() : held);
      const { run, last, submit } = await attemptAt(() => [], work, { onInterrupted: policy });
      await run();
      await submit({ type: 'FireTimer', timerId: 'again-send' });
      const second = run(undefined, { putBacks: 1 });
      await until(async () => (await last())?.type === 'NodeStarted' && calls === 2);
      expect((await run()).outcome).toBe('dropped');
      letGo({});
      expect((await second).outcome).toBe('succeeded');
      expect((await last())?.type).toBe('ExecutionSucceeded');
    },
  );

  it('that takes longer than it may counts against it', async () => {
    const ends: CallEnd[] = [];
    const { run, last } = await attemptAt(
      () => ends,
      () => new Promise(() => undefined),
      { timeoutMs: 10 },
    );
    await run();
    expect(await last()).toMatchObject({ type: 'ExecutionFailed', data: { error: { code: 'NODE_TIMEOUT' } } });
    expect(ends).toEqual([{ outcome: 'failed' }]);
  });

  it('leaves it when the process must go', async () => {
    const ends: CallEnd[] = [];
    const stop = AbortSignal.abort(new Error('going'));
    const { run } = await attemptAt(
      () => ends,
      async () => ({}),
      {},
    );
    await expect(run(stop)).rejects.toThrow('going');
    expect(ends).toEqual([{ outcome: 'ignored' }]);
  });

  it.each<JsonObject>([{ host: 'a:1', account: 'cr_1@a' }, { account: 'cr_1@a' }])(
    'says which quotas it takes from, and what an answer told of them: %j',
    async (config) => {
      const told: unknown[] = [];
      const spent: string[] = [];
      const allowance = { kind: 'unlimited' } as const;
      const { run, entered } = await attemptAt(
        () => ({ ...ANYWHERE, learn: (...all) => void told.push(all), spend: (key) => void spent.push(key) }),
        async (_config, { learnQuota, spendQuota }) => {
          learnQuota('cr_1@a', allowance);
          spendQuota('cr_1@a');
          return {};
        },
        { config },
      );
      expect((await run()).outcome).toBe('succeeded');
      const key = 'host' in config ? { key: config.host } : {};
      const quotas = [{ key: 'cr_1@a', limit: 5, perMs: 1_000, learns: true }];
      expect(entered).toEqual([{ workspaceId: 'ws_1', ...key, quotas }]);
      expect([told, spent]).toEqual([[['cr_1@a', allowance]], ['cr_1@a']]);
    },
  );

  it('whose config can not be evaluated, or names none, is at none', async () => {
    const broken = await attemptAt(
      () => shut,
      async () => ({}),
      { config: { host: '{{ trigger.nothing.here }}' } },
    );
    expect((await broken.run()).outcome).toBe('failed');
    const none = await attemptAt(
      () => shut,
      async () => ({}),
      { config: {} },
    );
    expect((await none.run()).outcome).toBe('succeeded');
    expect([...broken.entered, ...none.entered]).toEqual([]);
  });
});
