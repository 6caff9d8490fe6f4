import { endOfLongHistory, HISTORY_LIMITS } from './history-limits.ts';
import { executionsOf, planOf, scheduled, started } from './testing/index.ts';

const { fold } = executionsOf(planOf({ start: 'trigger.manual', one: 'noop' }, ['start > one']));
const running = fold([started(), scheduled('one')]);

describe('a history', () => {
  it('may have 19,999 events', () => {
    expect(endOfLongHistory(running, HISTORY_LIMITS.stops - 1)).toEqual([]);
  });

  it('ends with a failure at the node that was active when it has more', () => {
    const [end, ...more] = endOfLongHistory(running, 20_000);
    expect(end).toMatchObject({
      type: 'ExecutionFailed',
      data: { error: { code: 'HISTORY_TOO_LONG', nodeId: 'one', attempt: 1 } },
    });
    expect(more).toEqual([]);
  });

  it('of an execution that is over may have any length', () => {
    const over = fold([started(), { type: 'ExecutionCancelled', data: {} }]);
    expect(endOfLongHistory(over, 20_000)).toEqual([]);
  });
});
