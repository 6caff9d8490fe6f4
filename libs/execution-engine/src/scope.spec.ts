import { InvariantError } from '#libs/kernel';
import type { ExecutionEvent } from './events.ts';
import { ownPayloadOf, valueOf } from './payload.ts';
import { scopeOf } from './scope.ts';
import { outputOf, type StartedExecution } from './state.ts';
import {
  contextOf,
  executionsOf,
  failed,
  passedOn,
  planOf,
  scheduled,
  skipped,
  started,
  succeeded,
  succeededWith,
} from './testing/index.ts';

const plan = planOf({ start: 'trigger.manual' });
const fold = (...events: ExecutionEvent[]): StartedExecution => {
  const state = executionsOf(plan).fold(events);
  if (state.status === 'none') throw new Error('never started');
  return state;
};
const reference = { object: 'ex_1/1', bytes: 70_000, sha256: 'x' };
const broken = { code: 'BROKEN', message: 'it broke' };

describe('what expressions see', () => {
  it('is the trigger, every output so far, the execution and the workflow', () => {
    const state = fold(
      started({ body: 1 }),
      succeeded('one', 'text'),
      passedOn('two', 'start', 'true'),
      passedOn('three', 'one', 'true'),
      failed('four', broken, { handling: 'continue' }),
      skipped('five'),
      scheduled('six'),
    );
    const scope = scopeOf('ex_1', state, contextOf(plan));
    expect(scope).toMatchObject({
      trigger: { body: 1 },
      execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
      workflow: { id: 'wf_drawn', version: 1, name: 'Drawn' },
      vars: {},
    });
    expect({ ...scope.nodes }).toEqual({
      start: { output: { body: 1 } },
      one: { output: 'text' },
      two: { output: { body: 1 } },
      three: { output: 'text' },
      four: { output: { error: broken } },
    });
  });

  it('is the variables that were recorded at the start, and no others', () => {
    const vars = { region: 'eu', limits: { amount: 100 } };
    expect(scopeOf('ex_1', fold(started({}, 'start', vars)), contextOf(plan)).vars).toEqual(vars);
    expect(scopeOf('ex_1', fold(started()), contextOf(plan)).vars).toEqual({});
  });

  it('is a stored value as if it had never been away', () => {
    const state = fold(started(), succeededWith('large', { stored: reference }), passedOn('same', 'large', 'true'));
    const scope = scopeOf('ex_1', state, contextOf(plan, { stored: new Map([['ex_1/1', [1, 2]]]) }));
    expect(scope.nodes['large']).toEqual({ output: [1, 2] });
    expect(scope.nodes['same']?.output).toBe(scope.nodes['large']?.output);
  });

  it('has the instant of the first decision while there was none yet', () => {
    const scope = scopeOf('ex_1', fold(started()), contextOf(plan, { at: '2026-11-23T11:00:00.000Z' }));
    expect(scope.execution.startedAt).toBe('2026-11-23T11:00:00.000Z');
  });

  it('inherits nothing: only what ran is there', () => {
    expect('constructor' in scopeOf('ex_1', fold(started()), contextOf(plan)).nodes).toBe(false);
  });
});

describe('a payload', () => {
  it('that was not loaded is our mistake', () => {
    expect(() => valueOf({ stored: reference }, new Map())).toThrow(InvariantError);
  });

  it('may hold null', () => {
    expect(valueOf({ stored: reference }, new Map([['ex_1/1', null]]))).toBeNull();
    expect(valueOf({ value: null }, new Map())).toBeNull();
  });

  it('that refers to what nobody recorded is our mistake', () => {
    const nothing = { triggerNodeId: 'start', input: { value: 1 }, outputOf: () => undefined };
    expect(() => ownPayloadOf({ sameAs: 'lost' }, nothing)).toThrow(InvariantError);
    expect(ownPayloadOf({ sameAs: 'start' }, nothing)).toEqual({ value: 1 });
  });

  it('is nothing for a node without an output', () => {
    const state = fold(started(), scheduled('one'), skipped('two'));
    expect(['one', 'two', 'nobody', 'constructor'].map((id) => outputOf(state, id))).toEqual(Array(4).fill(undefined));
  });
});
