import { evolve, initialState, type ExecutionEvent, type StartedExecution } from '#libs/execution-engine';
import {
  executionFailed,
  failed,
  NOW,
  passedOn,
  scheduled,
  skipped,
  started,
  succeeded,
} from '#libs/execution-engine/testing';
import { keptResultsOf } from './kept-results.ts';

const ERROR = { code: 'HTTP_STATUS', message: 'the server answered 503' };

function after(...events: readonly ExecutionEvent[]): StartedExecution {
  const state = [started({ body: 1 }), ...events].reduce((before, event) => evolve(before, event, NOW), initialState());
  if (state.status === 'none') throw new Error('it did not start');
  return state;
}

describe('what an execution that goes on keeps', () => {
  it('is what succeeded, with its output and where the flow went', () => {
    const state = after(
      scheduled('a'),
      succeeded('a', { n: 1 }, 2),
      scheduled('b'),
      failed('b', ERROR),
      executionFailed('b', ERROR),
    );
    expect(keptResultsOf(state)).toEqual({
      a: { status: 'succeeded', attempt: 2, output: { value: { n: 1 } }, leavesBy: ['main'] },
    });
  });

  it('is what was passed on, as a value of its own', () => {
    const state = after(
      passedOn('a', 'start', 'true'),
      passedOn('b', 'a', 'main'),
      failed('c', ERROR),
      executionFailed('c', ERROR),
    );
    expect(keptResultsOf(state)).toEqual({
      a: { status: 'succeeded', attempt: 1, output: { value: { body: 1 } }, leavesBy: ['true'] },
      b: { status: 'succeeded', attempt: 1, output: { value: { body: 1 } }, leavesBy: ['main'] },
    });
  });

  it('is what was skipped, and failures that the flow survived', () => {
    const state = after(
      skipped('a'),
      failed('b', ERROR, { handling: 'branch' }),
      failed('c', ERROR),
      executionFailed('c', ERROR),
    );
    expect(keptResultsOf(state)).toEqual({
      a: { status: 'skipped' },
      b: { status: 'failed', attempt: 1, output: { value: { error: ERROR } }, leavesBy: ['error'] },
    });
  });

  it('is nothing of what was under way when it failed', () => {
    const state = after(scheduled('a'), scheduled('b'), failed('b', ERROR), executionFailed('b', ERROR));
    expect(keptResultsOf(state)).toEqual({});
  });
});
