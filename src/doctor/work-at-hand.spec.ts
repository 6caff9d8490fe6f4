import { WorkAtHand } from './work-at-hand.ts';

describe('the work that there is', () => {
  const work = new WorkAtHand();
  work.add('run.http', { nodeId: 'call', attempt: 2, executionId: 'ex_1' });
  work.add('start.low.7', { executionId: 'ex_1' });
  work.add('due', { executionId: 'ex_1', timerId: 'timeout' });
  work.add('due', { what: 'is no timer' });
  work.add('run.http', undefined);
  work.addTimer('ex_1', 'wait-1-pause');

  it('has a task, however its payload was written', () => {
    const payload = { executionId: 'ex_1', nodeId: 'call', attempt: 2 };
    expect(work.hasTask({ queue: 'run.http', payload })).toBe(true);
    expect(work.hasTask({ queue: 'run.http', payload: { ...payload, attempt: 3 } })).toBe(false);
    expect(work.hasTask({ queue: 'run.http', payload: { ...payload, batch: 0 } })).toBe(false);
    expect(work.hasTask({ queue: 'run.code', payload })).toBe(false);
  });

  it('has a start in whichever of its two shards', () => {
    expect(work.hasTask({ queue: 'start.low.3.7', payload: { executionId: 'ex_1' } })).toBe(true);
    expect(work.hasTask({ queue: 'start.high.3.7', payload: { executionId: 'ex_1' } })).toBe(false);
  });

  it('has timers that are armed, and those that fired', () => {
    expect(work.hasTimer('ex_1', 'wait-1-pause')).toBe(true);
    expect(work.hasTimer('ex_1', 'timeout')).toBe(true);
    expect(work.hasTimer('ex_2', 'timeout')).toBe(false);
  });
});
