import type { ExecutionEvent } from './events.ts';
import {
  begin,
  executionFailed,
  executionsOf,
  executionSucceeded,
  failed,
  failure,
  passedOn,
  planOf,
  retryScheduled,
  scheduled,
  skipped,
  started,
  succeeded,
  success,
  type DrawnNode,
} from './testing/index.ts';

const trigger = { start: 'trigger.manual' };
const broken = { code: 'BROKEN', message: 'it broke' };

describe('an action that fails for good', () => {
  const sendWith = (send: DrawnNode, ...connections: string[]) =>
    executionsOf(
      planOf({ ...trigger, send, after: 'noop', rescue: 'merge' }, ['start > send', 'send > after', ...connections]),
    );
  const begun: ExecutionEvent[] = [started(), scheduled('send')];

  it('fails the execution', () => {
    sendWith('noop')
      .given(begun)
      .when(failure('send'))
      .then([failed('send', broken), executionFailed('send', broken)]);
  });

  it('tells its details', () => {
    const error = { ...broken, details: { status: 404 } };
    sendWith('noop')
      .given(begun)
      .when(failure('send', { details: { status: 404 } }))
      .then([failed('send', error), executionFailed('send', error)]);
  });

  it('goes on with its error as output when it is to continue', () => {
    sendWith({ type: 'noop', onError: 'continue' }, 'send > rescue')
      .given(begun)
      .when(failure('send'))
      .then([
        failed('send', broken, { handling: 'continue' }),
        scheduled('after'),
        succeeded('rescue', { send: { error: broken } }),
      ]);
  });

  it('goes on by its output "error" when it is to branch', () => {
    sendWith({ type: 'noop', onError: 'branch' }, 'send:error > rescue')
      .given(begun)
      .when(failure('send'))
      .then([
        failed('send', broken, { handling: 'branch' }),
        skipped('after'),
        succeeded('rescue', { send: { error: broken } }),
        executionSucceeded('rescue'),
      ]);
  });

  it('that is to branch and leads nowhere is the end, and the execution succeeds', () => {
    executionsOf(planOf({ ...trigger, send: { type: 'noop', onError: 'branch' } }, ['start > send']))
      .given(begun)
      .when(failure('send'))
      .then([failed('send', broken, { handling: 'branch' }), executionSucceeded('send')]);
  });

  it('leaves by "main" alone when it succeeds after all', () => {
    sendWith({ type: 'noop', onError: 'branch' }, 'send:error > rescue')
      .given(begun)
      .when(success('send'))
      .then([succeeded('send'), scheduled('after'), skipped('rescue')]);
  });

  it.each([2, 0])('takes no notice of the failure of attempt %d', (attempt) => {
    sendWith('noop')
      .given(begun)
      .when(failure('send', {}, attempt))
      .thenNothing();
  });

  it('can be read by expressions behind it', () => {
    const plan = planOf(
      {
        ...trigger,
        send: { type: 'noop', onError: 'continue' },
        say: { type: 'set', config: { values: { why: '{{ nodes.send.output.error.code }}' } } },
      },
      ['start > send', 'send > say'],
    );
    executionsOf(plan)
      .given(begun)
      .when(failure('send'))
      .then([
        failed('send', broken, { handling: 'continue' }),
        succeeded('say', { why: 'BROKEN' }),
        executionSucceeded('say'),
      ]);
  });
});

describe('a pure node that fails', () => {
  const withSet = (set: DrawnNode, ...connections: string[]) =>
    executionsOf(planOf({ ...trigger, shape: set, send: 'noop', rescue: 'noop' }, ['start > shape', ...connections]));
  const config = { values: { text: '{{ trigger.name }}' } };
  const expressionFailed: Record<string, unknown> = {
    code: 'EXPRESSION_FAILED',
    message: expect.any(String),
    details: expect.objectContaining({ path: 'values.text', expression: 'trigger.name' }),
  };

  it('fails the execution, with the expression and its place', () => {
    const [node, execution, ...more] = withSet({ type: 'set', config }, 'shape > send')
      .given([started({ nam: 1 })])
      .when(begin)
      .events();
    expect(node).toEqual({
      type: 'NodeFailed',
      data: { nodeId: 'shape', attempt: 1, error: expressionFailed, handling: 'fail' },
    });
    expect(execution).toEqual({
      type: 'ExecutionFailed',
      data: { error: { ...expressionFailed, nodeId: 'shape', attempt: 1 } },
    });
    expect(more).toEqual([]);
  });

  it('tells what could have been meant, and where', () => {
    const [event] = withSet({ type: 'set', config }, 'shape > send')
      .given([started({ nam: 1 })])
      .when(begin)
      .events();
    expect(event).toHaveProperty('data.error.details.offset', expect.any(Number));
    expect(event).toHaveProperty('data.error.details.hint', expect.stringContaining('nam'));
  });

  it('goes on by "error" when it is to branch', () => {
    const events = withSet({ type: 'set', onError: 'branch', config }, 'shape > send', 'shape:error > rescue')
      .given([started({})])
      .when(begin)
      .events();
    expect(events.map(({ type }) => type)).toEqual(['NodeFailed', 'NodeSkipped', 'NodeScheduled']);
    expect(events.slice(1)).toEqual([skipped('send'), scheduled('rescue')]);
  });

  it('goes on by "main" when it is to continue', () => {
    const events = withSet({ type: 'set', onError: 'continue', config }, 'shape > send', 'shape > rescue')
      .given([started({})])
      .when(begin)
      .events();
    expect(events.slice(1)).toEqual([scheduled('send'), scheduled('rescue')]);
  });

  it('fails when the evaluated config breaks the schema', () => {
    const plan = planOf({ ...trigger, big: { type: 'if', config: { condition: '{{ trigger.amount }}' } } }, [
      'start > big',
    ]);
    const [event] = executionsOf(plan)
      .given([started({ amount: 3 })])
      .when(begin)
      .events();
    expect(event).toMatchObject({ type: 'NodeFailed', data: { error: { code: 'INVALID_CONFIG' } } });
  });
});

describe('an execution that fails', () => {
  const plan = planOf(
    {
      ...trigger,
      left: { type: 'noop', retry: { maxAttempts: 2, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } },
      right: 'noop',
      far: 'noop',
    },
    ['start > left', 'start > right', 'right > far', 'left > far'],
  );
  const waiting = { error: broken, dueAt: '2026-11-23T10:00:01.000Z' };
  const history = [started(), scheduled('left'), scheduled('right'), retryScheduled('left', 1, waiting)];

  it('cancels what is scheduled and what waits for a retry', () => {
    const { given, fold } = executionsOf(plan);
    const events = given(history).when(failure('right')).events();
    expect(events).toEqual([failed('right', broken), executionFailed('right', broken)]);
    expect(fold([...history, ...events])).toMatchObject({
      status: 'failed',
      active: 0,
      error: { ...broken, nodeId: 'right', attempt: 1 },
      nodes: { left: { status: 'cancelled', attempt: 1 }, right: { status: 'failed' }, start: { status: 'succeeded' } },
    });
  });

  it('takes no notice of the results of what was cancelled', () => {
    executionsOf(plan)
      .given([
        started(),
        scheduled('left'),
        scheduled('right'),
        failed('left', broken),
        executionFailed('left', broken),
      ])
      .when(success('right'))
      .thenNothing();
  });

  it('looks at no further node, also in the decision that fails it', () => {
    const eager = planOf(
      {
        ...trigger,
        send: 'noop',
        big: { type: 'if', config: { condition: '{{ trigger.missing }}' } },
        last: 'noop',
      },
      ['start > send', 'start > big', 'start > last'],
    );
    const events = executionsOf(eager)
      .given([started({})])
      .when(begin)
      .events();
    expect(events.map(({ type }) => type)).toEqual(['NodeScheduled', 'NodeFailed', 'ExecutionFailed']);
  });
});

describe('a failed value that is passed on', () => {
  it('is recorded as that of the node that failed', () => {
    const plan = planOf(
      { ...trigger, send: { type: 'noop', onError: 'continue' }, big: { type: 'if', config: { condition: true } } },
      ['start > send', 'send > big'],
    );
    executionsOf(plan)
      .given([started(), scheduled('send')])
      .when(failure('send'))
      .then([
        failed('send', broken, { handling: 'continue' }),
        passedOn('big', 'send', 'true'),
        executionSucceeded('big'),
      ]);
  });
});
