import type { Gate } from './admission.ts';
import type { ExecutionCommand } from './commands.ts';
import type { ExecutionEvent, Origin } from './events.ts';
import { followUpsOf } from './follow-ups.ts';
import { reasonsToWait } from './reasons-to-wait.ts';
import {
  begin,
  executionFailed,
  executionsOf,
  executionSucceeded,
  failed,
  fire,
  NOW,
  planOf,
  scheduled,
  started,
  success,
} from './testing/index.ts';

const broken = { code: 'BROKEN', message: 'it broke' };
const cancel: ExecutionCommand = { type: 'CancelExecution' };
const cancelled: readonly ExecutionEvent[] = [
  { type: 'ExecutionCancelRequested', data: {} },
  { type: 'ExecutionCancelled', data: {} },
];
const GATES: readonly Gate[] = [
  { kind: 'throttle', key: 'wf_drawn/start', limit: 1, perMs: 1000 },
  { kind: 'concurrency', key: 'wf_drawn', limit: 1, onLimit: 'queue' },
];
const gated = planOf(
  { start: { type: 'trigger.manual', throttle: { limit: 1, perMs: 1000 } }, one: 'noop' },
  ['start > one'],
  undefined,
  { settings: { concurrency: { limit: 1, onLimit: 'queue' }, timeoutMs: 1000, errorWorkflow: 'wf_error' } },
);
const { given, fold } = executionsOf(gated);
const requested: ExecutionEvent = { type: 'AdmissionRequested', data: { gates: GATES } };
const granted = (gate: number): ExecutionEvent => ({ type: 'AdmissionGranted', data: { gate } });
const held = (gate: number, until?: string): ExecutionEvent => ({
  type: 'AdmissionHeld',
  data: { gate, ...(until === undefined ? {} : { until }) },
});
const inASecond = new Date(Date.parse(NOW) + 1000).toISOString();
const begins: ExecutionEvent = { type: 'ExecutionBegan', data: { timeoutAt: inASecond } };
const atTheDoor = [started(), requested];
const running = [...atTheDoor, granted(0), granted(1), begins, scheduled('one')];

const followUps = (history: readonly ExecutionEvent[], events: readonly ExecutionEvent[], plan = gated) =>
  followUpsOf({
    executionId: 'ex_1',
    before: fold(history),
    events,
    after: fold([...history, ...events]),
    at: NOW,
    plan,
  });
const why = (history: readonly ExecutionEvent[]) => reasonsToWait('ex_1', fold(history), gated);
const childOf = (waits: boolean): Origin => ({
  kind: 'child',
  executionId: 'ex_0',
  nodeId: 'call',
  attempt: 1,
  depth: 1,
  waits,
});
const startedBy = (origin: Origin): ExecutionEvent => ({
  type: 'ExecutionStarted',
  data: { ...started().data, origin },
});

describe('a gate', () => {
  it('is gone to when the execution begins, once', () => {
    given([started()]).when(begin).then([requested]);
    given(atTheDoor).when(begin).thenNothing();
    expect(followUps([started()], [requested])).toEqual([{ kind: 'admit', gate: 0 }]);
  });

  it('lets it pass to the next one, and the last one to its nodes', () => {
    given(atTheDoor)
      .when({ type: 'PassGate', gate: 0 })
      .then([granted(0)]);
    expect(followUps(atTheDoor, [granted(0)])).toEqual([{ kind: 'admit', gate: 1 }]);
    given([...atTheDoor, granted(0)])
      .when({ type: 'PassGate', gate: 1 })
      .then([granted(1), begins, scheduled('one')]);
    expect(followUps([...atTheDoor, granted(0)], [granted(1), begins, scheduled('one')])).toEqual([]);
  });

  it('that is passed, or not reached yet, is not passed', () => {
    given([...atTheDoor, granted(0)])
      .when({ type: 'PassGate', gate: 0 })
      .thenNothing();
    given(atTheDoor).when({ type: 'PassGate', gate: 1 }).thenNothing();
    given(running).when({ type: 'PassGate', gate: 2 }).thenNothing();
  });

  it('holds it until an instant, and its timer lets it pass', () => {
    given(atTheDoor)
      .when({ type: 'HoldAtGate', gate: 0, until: NOW })
      .then([held(0, NOW)]);
    given([...atTheDoor, held(0, NOW)])
      .when(fire('gate-0'))
      .then([granted(0)]);
    given([...atTheDoor, held(0, NOW)])
      .when({ type: 'HoldAtGate', gate: 0, until: NOW })
      .thenNothing();
  });
});

describe('a cancellation', () => {
  it.each([
    ['accepted', [started()]],
    ['at the door', atTheDoor],
    ['held at the door', [...atTheDoor, held(0)]],
    ['running', running],
  ])('ends an execution that is %s', (_, history) => given(history).when(cancel).then(cancelled));

  it('of one that is over follows nothing, and so does what comes after it', () => {
    given([...running, ...cancelled])
      .when(cancel)
      .thenNothing();
    given([...running, ...cancelled])
      .when(success('one'))
      .thenNothing();
    given([...running, ...cancelled])
      .when(fire('timeout'))
      .thenNothing();
  });

  it('stops who is at work, and gives back the places', () => {
    expect(followUps(running, cancelled)).toEqual([{ kind: 'leave', gate: 1 }, { kind: 'stop' }]);
    expect(followUps([started()], cancelled)).toEqual([]);
  });
});

describe('a time-out', () => {
  it('ends the execution when its time is over', () => {
    const late = executionsOf(gated, { at: inASecond });
    const [first, second, ...rest] = late.given(running).when(fire('timeout')).events();
    expect(first).toEqual({ type: 'TimerFired', data: { timerId: 'timeout' } });
    expect(second).toMatchObject({
      type: 'ExecutionTimedOut',
      data: { error: { code: 'EXECUTION_TIMEOUT', nodeId: 'one' } },
    });
    expect(rest).toEqual([]);
  });

  it('does not come before the execution begins', () => {
    given(atTheDoor).when(fire('timeout')).thenNothing();
  });
});

describe('an execution that another one started', () => {
  it.each([
    [true, [{ kind: 'joinParent' }]],
    [false, []],
  ])('joins it at once, if that wishes to wait: %j', (waits, steps) => {
    expect(followUps([], [startedBy(childOf(waits))])).toEqual(steps);
  });
});

describe('an execution that ends', () => {
  const failure = [failed('one', broken), executionFailed('one', broken)];

  it('tells the one that waits for it, and no other', () => {
    const history = (waits: boolean) => [startedBy(childOf(waits)), scheduled('one')];
    expect(followUps(history(true), [executionSucceeded('one')])).toEqual([{ kind: 'tellParent' }]);
    expect(followUps(history(false), [executionSucceeded('one')])).toEqual([]);
  });

  it('by a failure starts its error workflow and is set aside', () => {
    expect(followUps([started(), scheduled('one')], failure)).toEqual([
      { kind: 'stop' },
      { kind: 'startErrorWorkflow', workflowId: 'wf_error' },
      { kind: 'setAside' },
    ]);
  });

  it('by a failure starts no error workflow when it is one itself', () => {
    const history = [startedBy({ kind: 'errorWorkflow', executionId: 'ex_0' }), scheduled('one')];
    expect(followUps(history, failure)).toEqual([{ kind: 'stop' }, { kind: 'setAside' }]);
  });

  it('takes its children with it, and nobody else when they are over', () => {
    const on = { kind: 'execution', executionId: 'ex_2' } as const;
    const waiting: ExecutionEvent[] = [
      started(),
      scheduled('one'),
      { type: 'NodeWaiting', data: { nodeId: 'one', attempt: 1, on } },
    ];
    expect(followUps(waiting, cancelled)).toEqual([{ kind: 'cancelChildren', children: ['ex_2'] }]);
    expect(followUps(waiting, [failed('one', broken, { handling: 'continue' }), executionSucceeded('one')])).toEqual(
      [],
    );
  });
});

describe('the reasons why an execution waits', () => {
  const task = (queue: string, payload: object) => ({
    kind: 'task',
    task: { queue, payload: { executionId: 'ex_1', ...payload } },
  });

  it('name all that must exist', () => {
    expect(why([started()])).toEqual([task('start.normal.4.7', {})]);
    expect(why(atTheDoor)).toEqual([task('run.follow-up', { kind: 'admit', gate: 0 })]);
    expect(why([...atTheDoor, held(0, NOW)])).toEqual([{ kind: 'timer', id: 'gate-0', dueAt: NOW }]);
    expect(why([...atTheDoor, granted(0), held(1)])).toEqual([{ kind: 'gate', gate: 1, key: 'wf_drawn' }]);
    expect(why(running)).toEqual([
      task('run.noop', { nodeId: 'one', attempt: 1 }),
      { kind: 'timer', id: 'timeout', dueAt: inASecond },
    ]);
  });

  it('are none of one that is over', () => {
    expect(why([...running, ...cancelled])).toEqual([]);
    expect(why([])).toEqual([]);
  });
});
