import { assertNever } from '#libs/kernel';
import { evolve, initialState } from './evolve.ts';
import type { ExecutionEvent } from './events.ts';
import { isTerminal, nodeStateOf, type ExecutionState, type StartedExecution } from './state.ts';
import {
  executionFailed,
  executionSucceeded,
  failed,
  retryScheduled,
  scheduled,
  skipped,
  started,
  succeeded,
} from './testing/index.ts';

const broken = { code: 'BROKEN', message: 'it broke' };
const at = (second: number): string => `2026-11-23T10:00:0${second}.000Z`;
const fold = (...events: ExecutionEvent[]): StartedExecution => {
  const state = events.reduce<ExecutionState>(
    (before, event, index) => evolve(before, event, at(index)),
    initialState(),
  );
  if (state.status === 'none') throw new Error('never started');
  return state;
};
const retrying = (nodeId: string): ExecutionEvent => retryScheduled(nodeId, 1, { error: broken, dueAt: at(9) });

describe('the status of an execution', () => {
  it.each<[StartedExecution['status'], ExecutionEvent[]]>([
    ['queued', []],
    ['running', [scheduled('a')]],
    ['running', [scheduled('a'), scheduled('b'), retrying('a')]],
    ['waiting', [scheduled('a'), retrying('a')]],
    ['waiting', [scheduled('a'), scheduled('b'), retrying('a'), retrying('b')]],
    ['waiting', [scheduled('a'), scheduled('b'), retrying('a'), succeeded('b')]],
    ['running', [scheduled('a'), retrying('a'), scheduled('a', 2)]],
    ['succeeded', [scheduled('a'), succeeded('a'), executionSucceeded('a')]],
    ['failed', [scheduled('a'), failed('a', broken), executionFailed('a', broken)]],
  ])('is %s after %j', (status, events) => {
    expect(fold(started(), ...events).status).toBe(status);
  });

  it('is over in four cases', () => {
    const isOver = (status: StartedExecution['status']): boolean => isTerminal({ ...fold(started()), status });
    expect((['succeeded', 'failed', 'cancelled', 'timedOut'] as const).map(isOver)).toEqual([true, true, true, true]);
    expect((['queued', 'running', 'waiting'] as const).map(isOver)).toEqual([false, false, false]);
    expect(isTerminal(initialState())).toBe(false);
  });
});

describe('a fold', () => {
  it('keeps when it was created, and when the first decision was taken', () => {
    expect(fold(started())).not.toHaveProperty('startedAt');
    expect(fold(started(), scheduled('a'), succeeded('a'))).toMatchObject({ createdAt: at(0), startedAt: at(1) });
  });

  it('counts the nodes that something is still to come of', () => {
    expect(fold(started()).active).toBe(0);
    expect(fold(started(), scheduled('a'), scheduled('b'), skipped('c')).active).toBe(2);
    expect(fold(started(), scheduled('a'), scheduled('b'), retrying('a')).active).toBe(2);
    expect(fold(started(), scheduled('a'), scheduled('b'), retrying('a'), succeeded('b')).active).toBe(1);
  });

  it('lets a failed node leave as its handling says, with its error as output', () => {
    const leavesBy = (handling: 'fail' | 'continue' | 'branch') =>
      nodeStateOf(fold(started(), failed('a', broken, { handling })), 'a');
    const output = { value: { error: broken } };
    expect(leavesBy('fail')).toEqual({ status: 'failed', attempt: 1, output, leavesBy: [] });
    expect(leavesBy('continue')).toEqual({ status: 'failed', attempt: 1, output, leavesBy: ['main'] });
    expect(leavesBy('branch')).toEqual({ status: 'failed', attempt: 1, output, leavesBy: ['error'] });
  });

  it('does not change the state it is given', () => {
    const before = Object.freeze(fold(started(), scheduled('a')));
    Object.freeze(before.nodes);
    evolve(before, executionFailed('a', broken), at(5));
    expect(before.status).toBe('running');
  });

  it('knows no node by the names of what every object has', () => {
    expect(nodeStateOf(fold(started()), 'constructor')).toBeUndefined();
    expect(nodeStateOf(fold(started(), scheduled('constructor')), 'constructor')).toEqual({
      status: 'scheduled',
      attempt: 1,
    });
  });

  it('refuses to begin with anything but a start', () => {
    expect(() => evolve(initialState(), scheduled('a'), at(0))).toThrow('before ExecutionStarted');
  });

  it('refuses an event that it does not know', () => {
    const unknown = { type: 'NodeVanished', data: {} } as unknown as ExecutionEvent;
    expect(() => evolve(fold(started()), unknown, at(1))).toThrow('NodeVanished');
    expect(() => assertNever('x' as never)).toThrow('unexpected value "x"');
  });
});
