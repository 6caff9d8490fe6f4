import type { ExecutionCommand } from './commands.ts';
import type { ExecutionEvent } from './events.ts';
import { timersOf } from './effects.ts';
import type { WaitTarget } from './node-events.ts';
import { MAX_KEPT_SIGNALS } from './signals.ts';
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
  succeeded,
} from './testing/index.ts';

const DAY_MS = 86_400_000;
const inMs = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const waits = (nodeId: string, on: WaitTarget, attempt = 1): ExecutionEvent => ({
  type: 'NodeWaiting',
  data: { nodeId, attempt, on },
});
const fired = (timerId: string): ExecutionEvent => ({ type: 'TimerFired', data: { timerId } });
const received = (name: string, value = 1): ExecutionEvent => ({
  type: 'SignalReceived',
  data: { name, payload: { value } },
});
const delivered = (name: string, nodeId: string): ExecutionEvent => ({
  type: 'SignalDelivered',
  data: { name, nodeId },
});
const send = (name: string, value = 1, nodeId?: string): ExecutionCommand => ({
  type: 'SendSignal',
  name,
  payload: { value },
  ...(nodeId === undefined ? {} : { nodeId }),
});

const timed = planOf({ start: 'trigger.manual', pause: { type: 'wait.delay', config: { delayMs: 1000 } } }, [
  'start > pause',
]);
const asking = (config: { timeoutMs?: number; onTimeout?: string } = {}) =>
  planOf({ start: 'trigger.manual', ask: { type: 'wait.signal', config: { name: 'go', ...config } } }, ['start > ask']);
const forSignal = (on: Partial<Extract<WaitTarget, { kind: 'signal' }>> = {}): ExecutionEvent =>
  waits('ask', { kind: 'signal', name: 'go', onTimeout: 'fail', ...on });

describe('a wait for an instant', () => {
  const waiting = [started(), waits('pause', { kind: 'timer', dueAt: inMs(1000) })];
  const at = (ms: number) => executionsOf(timed, { at: inMs(ms) });

  it('begins with its timer', () => {
    at(0)
      .given([started()])
      .when(begin)
      .then([waits('pause', { kind: 'timer', dueAt: inMs(1000) })]);
  });

  it('ends when its timer fires, and says how long it was', () => {
    at(1250)
      .given(waiting)
      .when(fire('wait-1-pause'))
      .then([fired('wait-1-pause'), succeeded('pause', { waitedMs: 1250 }), executionSucceeded('pause')]);
  });

  it('takes a timer that comes up to 5 s early for a clock that differs', () => {
    const late = [started(), waits('pause', { kind: 'timer', dueAt: inMs(5000) })];
    expect(at(0).given(late).when(fire('wait-1-pause')).events()[0]).toEqual(fired('wait-1-pause'));
  });

  it('goes on when its timer comes earlier than that, and the timer is armed again', () => {
    const long = [started(), waits('pause', { kind: 'timer', dueAt: inMs(5001) })];
    at(0)
      .given(long)
      .when(fire('wait-1-pause'))
      .then([{ type: 'TimerRearmed', data: { timerId: 'wait-1-pause' } }]);
  });

  it.each(['wait-2-pause', 'wait-pause', 'wait-1-other', 'again-pause', 'retry-1-pause', 'timeout', 'anything'])(
    'takes no notice of the timer %s',
    (timerId) => at(2000).given(waiting).when(fire(timerId)).thenNothing(),
  );
});

describe('a timer of a long time', () => {
  const armedFor = (dueMs: number, atMs: number, events: readonly ExecutionEvent[]) => {
    const { fold } = executionsOf(timed);
    const before = fold([started(), waits('pause', { kind: 'timer', dueAt: inMs(dueMs) })]);
    return timersOf({
      executionId: 'ex_1',
      before: events.length > 0 ? before : fold([started()]),
      events,
      after: before,
      at: inMs(atMs),
    });
  };
  const arm = (ms: number) => [{ kind: 'arm', id: 'wait-1-pause', dueAt: inMs(ms) }];
  const rearmed: ExecutionEvent[] = [{ type: 'TimerRearmed', data: { timerId: 'wait-1-pause' } }];

  it('is armed at once for up to 30 days, and in stages beyond', () => {
    expect(armedFor(30 * DAY_MS, 0, [])).toEqual(arm(30 * DAY_MS));
    expect(armedFor(30 * DAY_MS + 1, 0, [])).toEqual(arm(30 * DAY_MS));
    expect(armedFor(70 * DAY_MS, 30 * DAY_MS, rearmed)).toEqual(arm(60 * DAY_MS));
    expect(armedFor(70 * DAY_MS, 60 * DAY_MS, rearmed)).toEqual(arm(70 * DAY_MS));
  });

  it('that met a clock which is behind comes again when that has caught up, not at once', () => {
    expect(armedFor(8_000, 0, rearmed)).toEqual(arm(16_000));
    expect(armedFor(60_000, 0, rearmed)).toEqual(arm(120_000));
    expect(armedFor(60_001, 0, rearmed)).toEqual(arm(60_001));
  });
});

describe('a wait for a signal', () => {
  it('ends with the payload of the signal', () => {
    executionsOf(asking())
      .given([started(), forSignal()])
      .when(send('go', 7))
      .then([received('go', 7), delivered('go', 'ask'), succeeded('ask', 7), executionSucceeded('ask')]);
  });

  it('takes the oldest of those that came before it', () => {
    executionsOf(asking())
      .given([started(), received('other', 0), received('go', 1), received('go', 2)])
      .when(begin)
      .then([forSignal(), delivered('go', 'ask'), succeeded('ask', 1), executionSucceeded('ask')]);
  });

  it('goes on at a signal of another name, which is kept', () => {
    executionsOf(asking())
      .given([started(), forSignal()])
      .when(send('other'))
      .then([received('other')]);
  });

  it('keeps up to 100 signals, and not one more', () => {
    const kept = (count: number) => [started(), ...Array.from({ length: count }, () => received('other'))];
    const { given } = executionsOf(asking());
    given(kept(MAX_KEPT_SIGNALS - 1))
      .when(send('other'))
      .then([received('other')]);
    given(kept(MAX_KEPT_SIGNALS)).when(send('other')).thenNothing();
  });

  it('is reached by its own link, which keeps nothing for a node that does not wait', () => {
    const { given } = executionsOf(asking());
    expect(
      given([started(), forSignal()])
        .when(send('go', 1, 'ask'))
        .events(),
    ).toHaveLength(4);
    given([started(), forSignal()])
      .when(send('go', 1, 'another'))
      .thenNothing();
    given([started()])
      .when(send('go', 1, 'ask'))
      .thenNothing();
  });

  it('fails when its time is over', () => {
    const fault = { code: 'SIGNAL_TIMEOUT', message: 'no signal "go" came in time' };
    executionsOf(asking({ timeoutMs: 1 }), { at: inMs(1) })
      .given([started(), forSignal({ dueAt: inMs(1) })])
      .when(fire('wait-1-ask'))
      .then([fired('wait-1-ask'), failed('ask', fault), executionFailed('ask', fault)]);
  });

  it('goes on without one when that is what the node says', () => {
    executionsOf(asking({ timeoutMs: 1, onTimeout: 'continue' }), { at: inMs(1) })
      .given([started(), forSignal({ dueAt: inMs(1), onTimeout: 'continue' })])
      .when(fire('wait-1-ask'))
      .then([fired('wait-1-ask'), succeeded('ask', { timedOut: true }), executionSucceeded('ask')]);
  });
});

describe('a wait for an execution', () => {
  const plan = planOf(
    { start: 'trigger.manual', call: { type: 'subworkflow', config: { workflowId: 'wf_1' }, timeoutMs: 1000 } },
    ['start > call'],
  );
  const begun = [started(), scheduled('call', 1, 'engine')];
  const waiting = [...begun, waits('call', { kind: 'execution', executionId: 'ex_2', dueAt: inMs(1000) })];
  const end = (executionId = 'ex_2', attempt = 1): ExecutionCommand => ({
    type: 'RecordChildEnd',
    nodeId: 'call',
    attempt,
    executionId,
    end: { kind: 'succeeded', output: 5 },
  });

  it('begins with the time that the node gives it', () => {
    executionsOf(plan)
      .given(begun)
      .when({ type: 'AwaitExecution', nodeId: 'call', attempt: 1, executionId: 'ex_2' })
      .then(waiting.slice(2));
  });

  it('ends with the output, be it before it was recorded that somebody waits', () => {
    const over = [succeeded('call', 5), executionSucceeded('call')];
    executionsOf(plan).given(waiting).when(end()).then(over);
    executionsOf(plan).given(begun).when(end()).then(over);
  });

  it('takes no notice of another execution, or of one of an earlier attempt', () => {
    executionsOf(plan).given(waiting).when(end('ex_3')).thenNothing();
    executionsOf(plan)
      .given([...begun, scheduled('call', 2, 'engine')])
      .when(end())
      .thenNothing();
  });

  it('fails when its time is over', () => {
    const fault = { code: 'NODE_TIMEOUT', message: 'the execution ex_2 was not over in time' };
    executionsOf(plan, { at: inMs(1000) })
      .given(waiting)
      .when(fire('wait-1-call'))
      .then([fired('wait-1-call'), failed('call', fault), executionFailed('call', fault)]);
  });
});
