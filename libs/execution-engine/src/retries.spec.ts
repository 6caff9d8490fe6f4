import type { RetryPolicy } from '#libs/workflow-definition';
import type { AttemptFailure } from './commands.ts';
import type { ExecutionEvent } from './events.ts';
import {
  executionFailed,
  executionsOf,
  failed,
  failure,
  fire,
  NOW,
  planOf,
  retryScheduled,
  scheduled,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const broken = { code: 'BROKEN', message: 'it broke' };
const exact: RetryPolicy = { maxAttempts: 3, backoff: 'fixed', initialMs: 1000, maxMs: 60_000, jitter: false };

const sending = (retry: Partial<RetryPolicy> = {}, executionId = 'ex_1') =>
  executionsOf(
    planOf({ start: 'trigger.manual', send: { type: 'noop', retry: { ...exact, ...retry } }, after: 'noop' }, [
      'start > send',
      'send > after',
    ]),
    { executionId },
  );

const begun: readonly ExecutionEvent[] = [started(), scheduled('send')];
const inMs = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const retrying = (attempt: number, ms = 1000): ExecutionEvent =>
  retryScheduled('send', attempt, { error: broken, dueAt: inMs(ms) });
const retryable = (attempt = 1, how: Partial<AttemptFailure> = {}) =>
  failure('send', { retryable: true, ...how }, attempt);
const givenAttempt = (attempt: number): ExecutionEvent[] => [
  ...begun,
  ...Array.from({ length: attempt - 1 }, (_, index) => [retrying(index + 1), scheduled('send', index + 2)]).flat(),
];

describe('a retryable failure', () => {
  it('is tried again later, counted from the instant of the decision', () => {
    sending()
      .given(begun)
      .when(retryable())
      .then([retrying(1, 1000)]);
  });

  it('is final after the last attempt', () => {
    sending()
      .given(givenAttempt(3))
      .when(retryable(3))
      .then([failed('send', broken, { attempt: 3 }), executionFailed('send', broken, 3)]);
  });

  it('is final when the node asks for no retry', () => {
    executionsOf(planOf({ start: 'trigger.manual', send: 'noop' }, ['start > send']))
      .given(begun)
      .when(retryable())
      .then([failed('send', broken), executionFailed('send', broken)]);
  });

  it('reported twice is scheduled once', () => {
    sending()
      .given([...begun, retrying(1)])
      .when(retryable())
      .thenNothing();
  });
});

describe('the backoff', () => {
  it.each([
    ['fixed', [1000, 1000, 1000]],
    ['linear', [1000, 2000, 3000]],
    ['exponential', [1000, 2000, 4000]],
  ] as const)('grows as "%s" says', (backoff, delays) => {
    for (const [index, ms] of delays.entries()) {
      const attempt = index + 1;
      sending({ backoff, maxAttempts: 4 })
        .given(givenAttempt(attempt))
        .when(retryable(attempt))
        .then([retrying(attempt, ms)]);
    }
  });

  it('stops at maxMs', () => {
    sending({ backoff: 'exponential', maxMs: 1500 })
      .given(givenAttempt(2))
      .when(retryable(2))
      .then([retrying(2, 1500)]);
  });

  it('with jitter is drawn from execution, node and attempt: the same again for the same', () => {
    const dueAt = (executionId: string): string => {
      const [event] = sending({ jitter: true }, executionId).given(begun).when(retryable()).events();
      if (event?.type !== 'NodeRetryScheduled') throw new Error('no retry');
      return event.data.dueAt;
    };
    expect(dueAt('ex_1')).toBe(dueAt('ex_1'));
    expect(dueAt('ex_1')).not.toBe(dueAt('ex_2'));
    expect(Date.parse(dueAt('ex_1'))).toBeGreaterThanOrEqual(Date.parse(NOW));
    expect(Date.parse(dueAt('ex_1'))).toBeLessThanOrEqual(Date.parse(NOW) + 1000);
  });
});

describe('what the other side asks for', () => {
  it('is waited for when it is longer than the backoff', () => {
    sending()
      .given(begun)
      .when(retryable(1, { retryAfterMs: 90_000 }))
      .then([retrying(1, 90_000)]);
  });

  it.each([0, 500, -1])('changes nothing when it is shorter: %d ms', (retryAfterMs) => {
    sending()
      .given(begun)
      .when(retryable(1, { retryAfterMs }))
      .then([retrying(1, 1000)]);
  });

  it.each([86_400_001, Number.MAX_VALUE, Infinity])('is a day at most: %d ms', (retryAfterMs) => {
    sending()
      .given(begun)
      .when(retryable(1, { retryAfterMs }))
      .then([retrying(1, 86_400_000)]);
  });
});

describe('error codes', () => {
  const listed = { retryOn: ['LISTED'] };

  it('in retryOn are tried again though the failure is terminal', () => {
    sending(listed)
      .given(begun)
      .when(failure('send', { code: 'LISTED' }))
      .then([retryScheduled('send', 1, { error: { ...broken, code: 'LISTED' }, dueAt: inMs(1000) })]);
  });

  it('in no list are not, when the failure is terminal', () => {
    sending(listed)
      .given(begun)
      .when(failure('send'))
      .then([failed('send', broken), executionFailed('send', broken)]);
  });

  it('in no list are tried again, when the failure is retryable', () => {
    sending(listed)
      .given(begun)
      .when(retryable())
      .then([retrying(1)]);
  });

  it.each([{ dontRetryOn: ['BROKEN'] }, { retryOn: ['BROKEN'], dontRetryOn: ['BROKEN'] }])(
    'in dontRetryOn are final, whatever else is said: %j',
    (retry) => {
      sending(retry)
        .given(begun)
        .when(retryable())
        .then([failed('send', broken), executionFailed('send', broken)]);
    },
  );
});

describe('a timer that fires', () => {
  const waiting = [...begun, retrying(1)];

  it('brings the next attempt', () => {
    sending()
      .given(waiting)
      .when(fire('retry-1-send'))
      .then([scheduled('send', 2)]);
  });

  it('twice brings it once', () => {
    sending()
      .given([...waiting, scheduled('send', 2)])
      .when(fire('retry-1-send'))
      .thenNothing();
  });

  it('late, when a later attempt is waited for, does nothing', () => {
    sending()
      .given([...givenAttempt(2), retrying(2)])
      .when(fire('retry-1-send'))
      .thenNothing();
  });

  it.each(['retry-2-send', 'retry-1-after', 'retry-1-nobody', 'retry-1-', 'retry-x-send', 'send', ''])(
    'with the id "%s", which nobody armed, does nothing',
    (timerId) => {
      sending().given(waiting).when(fire(timerId)).thenNothing();
    },
  );

  it.each(['constructor', 'a-b', 'retry-1-x'])('finds the node "%s"', (id) => {
    const plan = planOf({ start: 'trigger.manual', [id]: { type: 'noop', retry: exact } }, [`start > ${id}`]);
    executionsOf(plan)
      .given([started(), scheduled(id), retryScheduled(id, 1, { error: broken, dueAt: inMs(1000) })])
      .when(fire(`retry-1-${id}`))
      .then([scheduled(id, 2)]);
  });
});

describe('the second attempt', () => {
  it('succeeds for the node', () => {
    sending()
      .given(givenAttempt(2))
      .when(success('send', 'late', 2))
      .then([succeeded('send', 'late', 2), scheduled('after')]);
  });

  it.each([success('send'), retryable()])('takes no notice of what comes of the first: %j', (command) => {
    sending().given(givenAttempt(2)).when(command).thenNothing();
  });

  it('is not made when the first succeeds while nobody waits for it any more', () => {
    sending()
      .given([...begun, retrying(1)])
      .when(success('send'))
      .thenNothing();
  });
});
