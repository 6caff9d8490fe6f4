import type { StartExecution } from './commands.ts';
import { startExecution } from './decide.ts';
import {
  begin,
  executionFailed,
  executionsOf,
  executionSucceeded,
  failed,
  failure,
  fire,
  planOf,
  scheduled,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const start: StartExecution = {
  type: 'StartExecution',
  workspaceId: 'ws_1',
  workflowId: 'wf_drawn',
  workflowVersion: 1,
  trigger: { type: 'trigger.manual', nodeId: 'start' },
  input: { value: { body: 1 } },
  priority: 'normal',
};
const line = planOf({ start: 'trigger.manual', one: 'noop', two: 'noop' }, ['start > one', 'one > two']);
const broken = { code: 'BROKEN', message: 'it broke' };

describe('starting', () => {
  it('records what it was asked for', () => {
    executionsOf(line)
      .given([])
      .when(start)
      .then([started({ body: 1 })]);
    expect(startExecution(start)).toEqual([started({ body: 1 })]);
  });

  it('records the variables as they are now, if any', () => {
    const vars = { region: 'eu' };
    executionsOf(line)
      .given([])
      .when({ ...start, vars })
      .then([started({ body: 1 }, 'start', vars)]);
  });

  it('happens once: the same wish again follows nothing', () => {
    executionsOf(line).given([started()]).when(start).thenNothing();
  });

  it.each([begin, success('one'), failure('one'), fire('retry-1-one')])('comes before %j', (command) => {
    const { given } = executionsOf(line);
    expect(() => given([]).when(command).events()).toThrow('never started');
  });
});

describe('beginning', () => {
  it('schedules what stands behind the trigger', () => {
    executionsOf(line)
      .given([started()])
      .when(begin)
      .then([scheduled('one')]);
  });

  it('happens once, though the start task comes again', () => {
    executionsOf(line)
      .given([started(), scheduled('one')])
      .when(begin)
      .thenNothing();
  });

  it('ends at once when nothing stands behind the trigger, and the trigger is the end', () => {
    executionsOf(planOf({ start: 'trigger.manual' }))
      .given([started()])
      .when(begin)
      .then([executionSucceeded('start')]);
  });

  it('sees the variables of the start', () => {
    const shape = { type: 'set', config: { values: { url: '{{ vars.base }}/orders' } } };
    executionsOf(planOf({ start: 'trigger.manual', shape }, ['start > shape']))
      .given([started({}, 'start', { base: 'https://example.com' })])
      .when(begin)
      .then([succeeded('shape', { url: 'https://example.com/orders' }), executionSucceeded('shape')]);
  });

  it('fails on a variable that was not there at the start, with a hint', () => {
    const shape = { type: 'set', config: { values: { url: '{{ vars.base }}' } } };
    const [failure] = executionsOf(planOf({ start: 'trigger.manual', shape }, ['start > shape']))
      .given([started()])
      .when(begin)
      .events();
    expect(failure).toMatchObject({
      type: 'NodeFailed',
      data: {
        error: {
          code: 'EXPRESSION_FAILED',
          message: 'vars has no field "base"',
          details: { hint: expect.stringContaining('existed when it started') as string },
        },
      },
    });
  });

  it('computes pure nodes in the same decision', () => {
    const plan = planOf(
      {
        start: 'trigger.manual',
        shape: { type: 'set', config: { values: { text: 'Order {{ trigger.id }} since {{ execution.startedAt }}' } } },
        more: { type: 'set', config: { values: { was: '{{ nodes.shape.output.text.size() > 0 }}' } } },
        send: 'noop',
      },
      ['start > shape', 'shape > more', 'more > send'],
    );
    executionsOf(plan)
      .given([started({ id: 'A-1' })])
      .when(begin)
      .then([
        succeeded('shape', { text: 'Order A-1 since 2026-11-23T10:00:00.000Z' }),
        succeeded('more', { was: true }),
        scheduled('send'),
      ]);
  });
});

describe('a success', () => {
  it('goes on to the next node', () => {
    executionsOf(line)
      .given([started(), scheduled('one')])
      .when(success('one', { n: 1 }))
      .then([succeeded('one', { n: 1 }), scheduled('two')]);
  });

  it('of the last node ends the execution', () => {
    executionsOf(line)
      .given([started(), scheduled('one'), succeeded('one'), scheduled('two')])
      .when(success('two', 'done'))
      .then([succeeded('two', 'done'), executionSucceeded('two')]);
  });

  it('that was recorded already follows nothing', () => {
    executionsOf(line)
      .given([started(), scheduled('one'), succeeded('one'), scheduled('two')])
      .when(success('one'))
      .thenNothing();
  });

  it.each([0, 2])('of attempt %d, when the current one is 1, follows nothing', (attempt) => {
    executionsOf(line)
      .given([started(), scheduled('one')])
      .when(success('one', {}, attempt))
      .thenNothing();
  });

  it.each(['two', 'start', 'nobody', 'constructor'])('of "%s", which nobody scheduled, follows nothing', (nodeId) => {
    executionsOf(line)
      .given([started(), scheduled('one')])
      .when(success(nodeId))
      .thenNothing();
  });
});

describe('an execution that is over', () => {
  const ended = [started(), scheduled('one'), failed('one', broken), executionFailed('one', broken)];

  it.each([start, begin, success('one'), failure('one'), fire('retry-1-one')])('takes no notice of %j', (command) => {
    executionsOf(line).given(ended).when(command).thenNothing();
  });
});
