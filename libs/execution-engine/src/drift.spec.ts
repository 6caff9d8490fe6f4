import type { ResponseDrift } from '#libs/node-kit';
import type { ExecutionCommand, ItemOutcome } from './commands.ts';
import { DRIFT_LIMITS, responseDrifted } from './drift.ts';
import type { ExecutionEvent, RecordedDrift } from './events.ts';
import { evolve, initialState } from './evolve.ts';
import {
  begin,
  executionsOf,
  executionSucceeded,
  failed,
  executionFailed,
  failure,
  NOW,
  planOf,
  scheduled,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const one: ResponseDrift = { path: 'items[0].number', expected: 'number', found: 'missing' };
const of = (nodeId: string, drift: readonly RecordedDrift[], attempt = 1): ExecutionEvent => ({
  type: 'ResponseDrifted',
  data: { nodeId, attempt, drift },
});

describe('an attempt whose answer drifted', () => {
  const executions = executionsOf(
    planOf({ start: 'trigger.manual', call: { type: 'http.request', config: { method: 'GET', url: 'https://a.b' } } }, [
      'start > call',
    ]),
  );
  const under = [started(), scheduled('call', 1, 'http')];
  const drifted = (attempt = 1): ExecutionCommand => ({
    type: 'RecordSuccess',
    nodeId: 'call',
    attempt,
    output: {},
    drift: [one],
  });

  it('says so before its success, in the same commit', () => {
    executions
      .given(under)
      .when(drifted())
      .then([of('call', [one]), succeeded('call'), executionSucceeded('call')]);
  });

  it('says nothing when there is nothing to say', () => {
    const done = [succeeded('call'), executionSucceeded('call')];
    executions.given(under).when(success('call')).then(done);
    executions
      .given(under)
      .when({ type: 'RecordSuccess', nodeId: 'call', attempt: 1, output: {}, drift: [] })
      .then(done);
  });

  it('says nothing when nobody waits for it any more', () => {
    executions.given(under).when(drifted(2)).thenNothing();
    const broken = { code: 'BROKEN', message: 'it broke' };
    executions
      .given([...under, failed('call', broken), executionFailed('call', broken)])
      .when(drifted())
      .thenNothing();
    executions
      .given([...under, of('call', [one]), succeeded('call'), executionSucceeded('call')])
      .when(drifted())
      .thenNothing();
  });

  it('changes nothing else: the same follows as without', () => {
    const fold = (events: readonly ExecutionEvent[]) =>
      events.reduce((state, event) => evolve(state, event, NOW), initialState());
    expect(fold([...under, of('call', [one])])).toEqual(fold(under));
    executions
      .given([...under, of('call', [one])])
      .when(failure('call'))
      .then([
        failed('call', { code: 'BROKEN', message: 'it broke' }),
        executionFailed('call', { code: 'BROKEN', message: 'it broke' }),
      ]);
  });
});

describe('a batch with answers that drifted', () => {
  const executions = executionsOf(
    planOf(
      {
        start: 'trigger.manual',
        all: {
          type: 'forEach',
          config: { items: [1, 2, 3], batchSize: 3, onItemError: 'continue', node: { type: 'noop' } },
        },
      },
      ['start > all'],
    ),
  );
  const begun = [started(), ...executions.given([started()]).when(begin).events()];
  const report = (outcomes: readonly ItemOutcome[], attempt = 1): ExecutionCommand => ({
    type: 'RecordBatch',
    nodeId: 'all',
    batch: 0,
    attempt,
    outcomes,
  });
  const ok = (index: number, ...drift: readonly ResponseDrift[]): ItemOutcome => ({
    kind: 'succeeded',
    index,
    output: index,
    drift,
  });
  const bad: ItemOutcome = {
    kind: 'failed',
    index: 1,
    failure: { code: 'BROKEN', message: 'it broke', retryable: false },
  };

  it('says so before its end, with the item of each', () => {
    const events = executions
      .given(begun)
      .when(report([ok(0, one), bad, ok(2, one)]))
      .events();
    expect(events.map(({ type }) => type)).toEqual([
      'ResponseDrifted',
      'NodeBatchEnded',
      'NodeSucceeded',
      'ExecutionSucceeded',
    ]);
    expect(events[0]).toEqual(
      of('all', [
        { index: 0, ...one },
        { index: 2, ...one },
      ]),
    );
  });

  it('says nothing when all are as they should be', () => {
    const events = executions
      .given(begun)
      .when(report([ok(0), ok(1), ok(2)]))
      .events();
    expect(events[0]?.type).toBe('NodeBatchEnded');
  });

  it('says nothing at another attempt', () => {
    executions
      .given(begun)
      .when(report([ok(0, one)], 2))
      .thenNothing();
  });

  it('says no more than there is room for', () => {
    const many = Array.from({ length: 15 }, (_, n): ResponseDrift => ({ ...one, path: `field${n}` }));
    const [first] = executions
      .given(begun)
      .when(report([ok(0, ...many), ok(1, ...many), ok(2, ...many)]))
      .events();
    const drift = first?.type === 'ResponseDrifted' ? first.data.drift : [];
    expect(drift).toHaveLength(DRIFT_LIMITS.entries);
    expect(drift.at(-1)).toMatchObject({ index: 1, path: 'field4' });
  });
});

describe('what is recorded of drift', () => {
  const told = (drift: ResponseDrift) =>
    responseDrifted({ nodeId: 'a', attempt: 1 }, [drift]).flatMap(({ data }) => data.drift);

  it('is cut where it is long, and well-formed', () => {
    const [{ path, expected, found } = one] = told({
      path: 'x'.repeat(255) + '😀',
      expected: 'y'.repeat(65),
      found: 'z'.repeat(64),
    });
    expect([path, expected, found]).toEqual([`${'x'.repeat(255)}\uFFFD`, 'y'.repeat(64), 'z'.repeat(64)]);
  });

  it('is nothing but path and types', () => {
    const more = { ...one, value: 'secret' };
    expect(told(more)).toEqual([one]);
  });
});
