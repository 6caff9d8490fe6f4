import { NO_STORED_VALUES, type ExecutionCommand, type ExecutionEvent } from '#libs/execution-engine';
import { begin, failure, planOf, Simulation, success, type DrawnNode } from '#libs/execution-engine/testing';
import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import {
  leanCommit,
  referencesIn,
  replay,
  type Difference,
  type RecordedCommit,
  type Recording,
  type Replay,
} from './index.ts';

const http = (url: string, more: Partial<Exclude<DrawnNode, string>> = {}): DrawnNode => ({
  type: 'http.request',
  config: { method: 'POST', url },
  ...more,
});
const set = (values: Readonly<Record<string, JsonValue>>): DrawnNode => ({ type: 'set', config: { values } });
const when = (condition: string): DrawnNode => ({ type: 'if', config: { condition } });

const start = (input: JsonValue, more: Partial<Extract<ExecutionCommand, { type: 'StartExecution' }>> = {}) =>
  ({
    type: 'StartExecution',
    workspaceId: 'ws_1',
    workflowId: 'wf_drawn',
    workflowVersion: 1,
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: input },
    priority: 'normal',
    ...more,
  }) as const;

/** The history that these commands make with the plan. */
function recorded(plan: Plan, ...commands: readonly ExecutionCommand[]): Recording {
  const simulation = new Simulation(plan);
  for (const command of commands) simulation.submit(command);
  let firstVersion = 1;
  const commits = simulation.commits.map(({ at, events }): RecordedCommit => {
    const commit = { firstVersion, at, events };
    firstVersion += events.length;
    return commit;
  });
  return { executionId: 'ex_1', commits, stored: NO_STORED_VALUES };
}

function differencesIn(replayed: Replay): readonly Difference[] {
  return replayed.same ? [] : replayed.differences;
}

const ORDER = { body: { amount: 250 } };
const orders = (limit: number, url = 'https://example.com/big'): Plan =>
  planOf(
    {
      start: 'trigger.manual',
      big: when(`{{ trigger.body.amount > ${limit} }}`),
      notify: http(url),
      shape: set({ status: '{{ nodes.notify.output.status }}' }),
      small: set({ small: true }),
    },
    ['start > big', 'big:true > notify', 'notify > shape', 'big:false > small'],
  );
const bigOrder = recorded(orders(100), start(ORDER), begin, success('notify', { status: 200 }));

describe('another version', () => {
  it('that does the same is the same', () => {
    expect(replay(bigOrder, { own: orders(100), other: orders(200) })).toEqual({ same: true });
  });

  it('may take another path', () => {
    expect(differencesIn(replay(bigOrder, { own: orders(100), other: orders(300) }))).toEqual([
      { nodeId: 'big', kind: 'path', at: '[0]', before: ['true'], after: ['false'] },
      { nodeId: 'notify', kind: 'path', before: 'succeeded', after: 'skipped' },
      { nodeId: 'shape', kind: 'path', before: 'succeeded', after: 'skipped' },
      { nodeId: 'small', kind: 'path', before: 'skipped', after: 'succeeded' },
      {
        nodeId: 'small',
        kind: 'outcome',
        at: 'output.small',
        before: { status: 'succeeded', output: { status: 200 } },
        after: { status: 'succeeded', output: { small: true } },
      },
    ]);
  });

  it('gives nothing to a node that it skips', () => {
    const nodes = (limit: number) =>
      planOf(
        {
          start: 'trigger.manual',
          big: when(`{{ trigger.body.amount > ${limit} }}`),
          shape: set({ text: 'big' }),
          notify: http('https://example.com/{{ nodes.shape.output.text }}'),
        },
        ['start > big', 'big:true > shape', 'shape > notify'],
      );
    const recording = recorded(nodes(100), start(ORDER), begin, success('notify', { status: 200 }));
    const told = differencesIn(replay(recording, { own: nodes(100), other: nodes(300) }));
    expect(told.map(({ nodeId, kind }) => `${nodeId} ${kind}`)).toEqual([
      'big path',
      'shape path',
      'notify path',
      'big outcome',
    ]);
  });

  it('may give an action another input, whose recorded result still counts', () => {
    const other = orders(100, 'https://example.com/huge');
    const [only, ...more] = differencesIn(replay(bigOrder, { own: orders(100), other }));
    expect(more).toEqual([]);
    expect(only).toMatchObject({ nodeId: 'notify', kind: 'input', at: 'url' });
    expect(only).toMatchObject({
      before: { url: 'https://example.com/big' },
      after: { url: 'https://example.com/huge' },
    });
  });

  it('may compute another output', () => {
    const nodes = (text: string) =>
      planOf(
        {
          start: 'trigger.manual',
          shape: set({ text }),
          notify: http('https://example.com/{{ nodes.shape.output.text }}'),
        },
        ['start > shape', 'shape > notify'],
      );
    const own = nodes('a');
    const recording = recorded(own, start(ORDER), begin, success('notify', { status: 200 }));
    expect(differencesIn(replay(recording, { own, other: nodes('b') }))).toMatchObject([
      { nodeId: 'shape', kind: 'output', at: 'text', before: { text: 'a' }, after: { text: 'b' } },
      { nodeId: 'notify', kind: 'input', at: 'url' },
    ]);
  });

  it('may need what nobody recorded, and what stands behind that is not guessed', () => {
    const plan = (...extra: string[]) =>
      planOf(
        {
          start: 'trigger.manual',
          notify: http('https://example.com/'),
          audit: http('https://audit.example.com/'),
          shape: set({ a: 1 }),
        },
        ['start > notify', ...extra],
      );
    const own = plan('notify > shape');
    const recording = recorded(own, start(ORDER), begin, success('notify', { status: 200 }));
    const other = plan('notify > audit', 'audit > shape');
    expect(differencesIn(replay(recording, { own, other }))).toMatchObject([
      { nodeId: 'audit', kind: 'path', before: null, after: 'reached' },
      { nodeId: 'audit', kind: 'missingRecording', before: null, after: { url: 'https://audit.example.com/' } },
    ]);
  });

  it('may handle a failure, and what it then does is told', () => {
    const plan = (onError: 'fail' | 'branch') =>
      planOf(
        {
          start: 'trigger.manual',
          notify: http('https://example.com/', { onError }),
          mend: set({ code: '{{ nodes.notify.output.error.code }}' }),
        },
        ['start > notify', onError === 'branch' ? 'notify:error > mend' : 'notify > mend'],
      );
    const own = plan('fail');
    const recording = recorded(own, start(ORDER), begin, failure('notify', { code: 'HTTP_STATUS' }));
    expect(differencesIn(replay(recording, { own, other: plan('branch') }))).toMatchObject([
      { nodeId: 'notify', kind: 'path', before: [], after: ['error'] },
      { nodeId: 'mend', kind: 'path', before: null, after: 'succeeded' },
      { nodeId: 'mend', kind: 'outcome', before: { status: 'failed' }, after: { status: 'succeeded' } },
    ]);
  });

  it('may fail where the recorded one did not: what an expression asks for is not there', () => {
    const other = orders(100, 'https://example.com/{{ trigger.body.missing.id }}');
    expect(differencesIn(replay(bigOrder, { own: orders(100), other }))).toMatchObject([
      { nodeId: 'notify', kind: 'input', after: { error: { code: 'EXPRESSION_FAILED' } } },
      { nodeId: 'notify', kind: 'path', before: ['main'], after: [] },
      { nodeId: 'notify', kind: 'error', after: { error: { code: 'EXPRESSION_FAILED' } } },
      { nodeId: 'shape', kind: 'path', before: 'succeeded', after: null },
      { nodeId: 'notify', kind: 'outcome', before: { status: 'succeeded' }, after: { status: 'failed' } },
    ]);
  });

  it('that mends an expression needs what was never asked', () => {
    const own = orders(100, 'https://example.com/{{ trigger.body.missing.id }}');
    const fault = failure('notify', { code: 'EXPRESSION_FAILED' });
    const recording = recorded(own, start(ORDER), begin, fault);
    expect(differencesIn(replay(recording, { own, other: orders(100) }))).toMatchObject([
      { nodeId: 'notify', kind: 'input', before: { error: {} }, after: { url: 'https://example.com/big' } },
      { nodeId: 'notify', kind: 'missingRecording', before: 'failed' },
    ]);
  });

  it('has no use for the result of a node of another type', () => {
    const plan = (notify: DrawnNode) => planOf({ start: 'trigger.manual', notify }, ['start > notify']);
    const own = plan(http('https://example.com/'));
    const recording = recorded(own, start(ORDER), begin, success('notify', { status: 200 }));
    const code: DrawnNode = { type: 'code', config: { code: 'return 1;' } };
    expect(differencesIn(replay(recording, { own, other: plan(code) })).map(({ kind }) => kind)).toEqual([
      'input',
      'missingRecording',
    ]);
    expect(differencesIn(replay(recording, { own, other: plan(set({ a: 1 })) }))).toMatchObject([
      { nodeId: 'notify', kind: 'output', before: { status: 200 }, after: { a: 1 } },
      { kind: 'outcome' },
    ]);
  });

  it('gets results that were recorded in another order', () => {
    const nodes = {
      start: 'trigger.manual',
      one: http('https://a.example/'),
      two: http('https://b.example/'),
    } as const;
    const own = planOf(nodes, ['start > one', 'one > two']);
    const other = planOf(nodes, ['start > two', 'two > one']);
    const recording = recorded(own, start(ORDER), begin, success('one', { n: 1 }), success('two', { n: 2 }));
    expect(differencesIn(replay(recording, { own, other }))).toMatchObject([
      { nodeId: 'one', kind: 'outcome', before: { output: { n: 2 } }, after: { output: { n: 1 } } },
    ]);
  });

  it('that reads another variable misses its value', () => {
    const plan = (values: Readonly<Record<string, JsonValue>>) =>
      planOf({ start: 'trigger.manual', shape: set(values) }, ['start > shape']);
    const own = plan({ rate: '{{ vars.rate }}' });
    const recording = recorded(own, start(ORDER, { vars: { rate: 2 } }), begin);
    const other = plan({ rate: '{{ vars.rate }}', vat: '{{ has(vars.vat) ? vars.vat : null }}' });
    expect(differencesIn(replay(recording, { own, other }))).toContainEqual({
      nodeId: 'start',
      kind: 'missingRecording',
      before: null,
      after: { variables: ['vat'] },
    });
  });

  it('without the trigger runs nothing', () => {
    const other = planOf({ other: 'trigger.manual', small: set({ small: true }) }, ['other > small']);
    const told = differencesIn(replay(bigOrder, { own: orders(100), other }));
    expect(told.filter(({ kind }) => kind === 'path').map(({ nodeId }) => nodeId)).toEqual(['big', 'notify', 'shape']);
  });
});

describe('drift', () => {
  it('is nothing that a replay looks at', () => {
    const drift = [{ path: 'status', expected: 'number', found: 'missing' }];
    const drifted = { type: 'RecordSuccess', nodeId: 'notify', attempt: 1, output: { status: 200 }, drift } as const;
    const recording = recorded(orders(100), start(ORDER), begin, drifted);
    expect(recording.commits.at(-1)?.events[0]?.type).toBe('ResponseDrifted');
    expect(replay(recording, { own: orders(100), other: orders(200) })).toEqual({ same: true });
    expect(recording.commits.flatMap((commit) => leanCommit(commit)?.events ?? []).map(({ type }) => type)).toEqual(
      bigOrder.commits.flatMap(({ events }) => events).map(({ type }) => type),
    );
  });
});

describe('a loop', () => {
  const loop = (config: Readonly<Record<string, JsonValue>>): Plan =>
    planOf(
      { start: 'trigger.manual', each: { type: 'forEach', config: { items: '{{ trigger.body.list }}', ...config } } },
      ['start > each'],
    );
  const call = (url: string): JsonValue => ({ type: 'http.request', config: { method: 'GET', url } });
  const own = loop({ node: call('https://example.com/{{ item }}') });
  const recording = recorded(own, start({ body: { list: ['a', 'b'] } }), begin, {
    type: 'RecordBatch',
    nodeId: 'each',
    batch: 0,
    attempt: 1,
    outcomes: [
      { index: 0, kind: 'succeeded', output: 1 },
      { index: 1, kind: 'succeeded', output: 2 },
    ],
  });

  it('is the same with its own version', () => {
    expect(replay(recording, { own })).toEqual({ same: true });
  });

  it('tells the first item that is given something else', () => {
    const other = loop({ node: call("https://example.com/{{ item == 'b' ? 'c' : item }}") });
    expect(differencesIn(replay(recording, { own, other }))).toMatchObject([
      { nodeId: 'each', kind: 'input', at: 'each[1].url' },
    ]);
  });
});

describe('a replay', () => {
  it('needs the stored values that the history refers to', () => {
    const reference = { object: 'ex_1/1', bytes: 9, sha256: 'x' };
    const own = planOf({ start: 'trigger.manual', shape: set({ n: '{{ trigger.body.amount }}' }) }, ['start > shape']);
    const recording = recorded(own, start(ORDER), begin);
    const away = (event: ExecutionEvent): ExecutionEvent =>
      event.type === 'ExecutionStarted' ? { ...event, data: { ...event.data, input: { stored: reference } } } : event;
    const commits = recording.commits.map((commit) => ({ ...commit, events: commit.events.map(away) }));
    expect(referencesIn(commits)).toEqual([reference]);
    const stored = new Map([[reference.object, ORDER]]);
    expect(replay({ executionId: 'ex_1', commits, stored }, { own })).toEqual({ same: true });
  });

  it('goes on from results that were kept', () => {
    const own = orders(100);
    const kept = {
      big: { status: 'succeeded', attempt: 1, output: { value: ORDER }, leavesBy: ['true'] },
      small: { status: 'skipped' },
      notify: { status: 'succeeded', attempt: 2, output: { value: { status: 201 } }, leavesBy: ['main'] },
    } as const;
    const recording = recorded(own, start(ORDER, { kept: { nodes: kept } }), begin);
    expect(replay(recording, { own })).toEqual({ same: true });
    expect(replay(recording, { own, other: orders(300) })).toEqual({ same: true });
  });

  it('goes on with a loop and a signal that were kept', () => {
    const own = planOf(
      {
        start: 'trigger.manual',
        each: {
          type: 'forEach',
          config: { items: '{{ trigger.body.list }}', batchSize: 1, concurrency: 1, node: { type: 'noop' } },
        },
        ask: { type: 'wait.signal', config: { name: 'go' } },
      },
      ['start > each', 'each > ask'],
    );
    const list = ['a', 'b'];
    const loops = {
      each: {
        ...{ items: { value: list }, count: 2, batchSize: 1, next: 2, open: [{ batch: 1 }] },
        ...{ results: [{ value: [[0, 'done']] }], errors: [] },
      },
    };
    const kept = { nodes: {}, loops, signals: [{ name: 'go', payload: { value: 'early' } }] };
    const recording = recorded(own, start({ body: { list } }, { kept }), begin, {
      type: 'RecordBatch',
      ...{ nodeId: 'each', batch: 1, attempt: 1 },
      outcomes: [{ index: 1, kind: 'succeeded', output: 'too' }],
    });
    expect(recording.commits.at(-1)?.events.at(-1)?.type).toBe('ExecutionSucceeded');
    expect(replay(recording, { own })).toEqual({ same: true });
  });

  it('keeps to dry runs and pins', () => {
    const own = orders(100);
    const dry = recorded(own, start(ORDER, { mode: 'dry', pins: { shape: { value: 'pinned' } } }), begin);
    expect(replay(dry, { own })).toEqual({ same: true });
    expect(differencesIn(replay(dry, { own, other: orders(100, 'https://example.com/huge') }))).toMatchObject([
      { nodeId: 'notify', kind: 'input', at: 'url' },
      { nodeId: 'notify', kind: 'output', at: 'config.url' },
    ]);
  });

  it('takes a history that is not over as far as it went', () => {
    const open = recorded(orders(100), start(ORDER), begin);
    expect(replay(open, { own: orders(100) })).toEqual({ same: true });
    expect(differencesIn(replay(open, { own: orders(100), other: orders(300) }))).toMatchObject([
      { nodeId: 'big', kind: 'path' },
      { nodeId: 'notify', kind: 'path', before: 'scheduled', after: 'skipped' },
      { nodeId: 'small', kind: 'path', after: 'succeeded' },
      { nodeId: 'small', kind: 'outcome', before: null, after: { status: 'succeeded' } },
    ]);
  });

  it('tells what this code computes otherwise than was recorded', () => {
    const changed = (event: ExecutionEvent): ExecutionEvent =>
      event.type === 'NodeSucceeded' && event.data.nodeId === 'shape'
        ? { ...event, data: { ...event.data, output: { value: { status: 500 } } } }
        : event;
    const commits = bigOrder.commits.map((commit) => ({ ...commit, events: commit.events.map(changed) }));
    expect(differencesIn(replay({ ...bigOrder, commits }, { own: orders(100) }))).toMatchObject([
      { nodeId: 'shape', kind: 'output', before: { status: 500 }, after: { status: 200 } },
      { nodeId: 'shape', kind: 'outcome' },
    ]);
  });

  it('is bounded in what it tells', () => {
    const plans = { own: orders(100), other: orders(300) };
    const limits = { differences: 2, valueLength: 12 };
    const told = replay(bigOrder, plans, limits);
    expect(told).toMatchObject({ same: false, isCut: true, differences: [{ nodeId: 'big' }, { nodeId: 'notify' }] });
    const long = 'x'.repeat(1000);
    const other = orders(100, `https://example.com/${long}`);
    const [input] = differencesIn(replay(bigOrder, { own: orders(100), other }, limits));
    expect(input).toEqual({
      nodeId: 'notify',
      kind: 'input',
      at: 'url',
      before: { cut: '"https://exa', length: 25 },
      after: { cut: '"https://exa', length: 1022 },
    });
  });
});
