import { epochMsOf, type JsonObject } from '#libs/kernel';
import type { AttemptFailure, ExecutionCommand } from './commands.ts';
import type { ExecutionEvent } from './events.ts';
import { begin, executionsOf, fire, NOW, nodeTypesWith, planOf, scheduled, started, success } from './testing/index.ts';

const types = nodeTypesWith(() => Promise.reject(new Error('specs run nothing')));
const calling = (node: JsonObject = {}) =>
  executionsOf(planOf({ start: 'trigger.manual', send: { type: 'work', ...node } }, ['start > send'], types));
type Executions = ReturnType<typeof calling>;

const key = 'cr_1@api:443';
const limited: AttemptFailure = { code: 'RATE_LIMITED', message: 'too often', retryable: true, limitedAt: key };
const ofAttempt = { nodeId: 'send', attempt: 1 };
const refused = (more: Partial<AttemptFailure> = {}): ExecutionCommand => ({
  type: 'RecordFailure',
  ...ofAttempt,
  failure: { ...limited, ...more },
});
/** For so short a time that a timer of now is not early. */
const briefly = refused({ retryAfterMs: 0 });
const again: ExecutionEvent = { type: 'NodeScheduled', data: { ...ofAttempt, executor: 'work', putBacks: 1 } };
const given = [started(), scheduled('send', 1, 'work')];
const begun: ExecutionEvent = { type: 'NodeStarted', data: { ...ofAttempt, by: 'one' } };

const putBackIn = (events: readonly ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'NodePostponed' ? [event.data] : []));
/** For how long a refusal puts the attempt back. */
function waitMs(executions: Executions, refusal: ExecutionCommand): number {
  const [postponed] = putBackIn(executions.given(given).when(refusal).events());
  return epochMsOf(postponed?.dueAt ?? NOW) - epochMsOf(NOW);
}

describe('an attempt that a limit refused', () => {
  it.each<[string, readonly ExecutionEvent[]]>([
    ['may be repeated', given],
    ['had begun for good', [...given, begun]],
  ])('and that %s comes again, as the same attempt', (_, history) => {
    const executions = calling({ onInterrupted: 'ask' });
    const events = executions.given(history).when(briefly).events();
    expect(events).toMatchObject([
      { type: 'NodePostponed', data: { ...ofAttempt, reason: { kind: 'rateLimit', key } } },
    ]);
    executions
      .given([...history, ...events])
      .when(fire('again-send'))
      .then([again]);
  });

  it('says what the other side said', () => {
    const [{ error } = {}] = putBackIn(calling().given(given).when(briefly).events());
    expect(error).toEqual({ code: 'RATE_LIMITED', message: 'too often' });
  });

  it('is put back though its worker was thought to be gone', () => {
    const asked: ExecutionEvent = { type: 'NodeWaiting', data: { ...ofAttempt, on: { kind: 'person' } } };
    const events = calling({ onInterrupted: 'ask' })
      .given([...given, begun, asked])
      .when(briefly)
      .events();
    expect(putBackIn(events)).toHaveLength(1);
  });

  it('is not put back by a late report of an earlier making', () => {
    const executions = calling({ onInterrupted: 'ask' });
    const once = [
      ...given,
      begun,
      ...executions
        .given([...given, begun])
        .when(briefly)
        .events(),
      again,
    ];
    const anew: ExecutionEvent = { type: 'NodeStarted', data: { ...ofAttempt, by: 'another' } };
    for (const history of [once, [...once, anew]]) {
      executions.given(history).when(briefly).thenNothing();
      const late = { ...briefly, putBacks: 1 } as ExecutionCommand;
      expect(putBackIn(executions.given(history).when(late).events())).toHaveLength(1);
    }
  });

  it.each([
    ['is told', { retryAfterMs: 30_000 }, 30_000],
    ['is a minute when it is not told', {}, 60_000],
    ['is a second at least', { retryAfterMs: 0 }, 1_000],
  ])('waits for a time that %s, and up to a tenth longer', (_, told, leastMs) => {
    const waits = waitMs(calling(), refused(told));
    expect(waits).toBeGreaterThanOrEqual(leastMs);
    expect(waits).toBeLessThanOrEqual(leastMs * 1.1);
  });

  it('waits for a day at most', () => {
    expect(waitMs(calling(), refused({ retryAfterMs: 90_000_000 }))).toBe(86_400_000);
  });

  it('uses up none, however often that happens', () => {
    const executions = calling({ retry: { maxAttempts: 1 } });
    const history = Array.from({ length: 5 }).reduce<readonly ExecutionEvent[]>((before, _, putBacks) => {
      const refusal = { ...briefly, putBacks } as ExecutionCommand;
      const put = [...before, ...executions.given(before).when(refusal).events()];
      return [...put, ...executions.given(put).when(fire('again-send')).events()];
    }, given);
    expect(putBackIn(history)).toHaveLength(5);
    expect(executions.given(history).when(success('send')).events().at(-1)?.type).toBe('ExecutionSucceeded');
  });

  it('has failed when its node does not want that code again', () => {
    const events = calling({ retry: { maxAttempts: 3, dontRetryOn: ['RATE_LIMITED'] } })
      .given(given)
      .when(refused())
      .events();
    expect(events.map(({ type }) => type)).toEqual(['NodeFailed', 'ExecutionFailed']);
  });
});

describe('an item that a limit refused', () => {
  const inner = (retry: JsonObject) => ({ type: 'noop', retry });
  const looping = (retry: JsonObject) =>
    executionsOf(
      planOf({ start: 'trigger.manual', all: { type: 'forEach', config: { items: [0, 1, 2], node: inner(retry) } } }, [
        'start > all',
      ]),
    );
  const report: ExecutionCommand = {
    type: 'RecordBatch',
    nodeId: 'all',
    batch: 0,
    attempt: 1,
    outcomes: [
      { index: 0, kind: 'succeeded', output: 'done' },
      { index: 1, kind: 'failed', failure: { ...limited, retryAfterMs: 1_000 } },
    ],
  };
  const history = (executions: Executions): readonly ExecutionEvent[] => {
    const before = [started()];
    return [...before, ...executions.given(before).when(begin).events()];
  };

  it('comes again with those after it, as the same attempt', () => {
    const executions = looping({ maxAttempts: 1 });
    const before = history(executions);
    const events = executions.given(before).when(report).events();
    const again = { indexes: [1, 2], postponed: { kind: 'rateLimit', key } };
    expect(events).toMatchObject([{ type: 'NodeBatchEnded', data: { errors: [], again } }]);
    expect(
      executions
        .given([...before, ...events])
        .when(fire('batch-0-all'))
        .events(),
    ).toMatchObject([{ type: 'NodeBatchScheduled', data: { attempt: 1, putBacks: 1 } }]);
  });

  it('has failed when its node does not want that code again', () => {
    const executions = looping({ maxAttempts: 3, dontRetryOn: ['RATE_LIMITED'] });
    const events = executions.given(history(executions)).when(report).events();
    expect(events.map(({ type }) => type)).toEqual(['NodeBatchEnded', 'NodeFailed', 'ExecutionFailed']);
  });
});
