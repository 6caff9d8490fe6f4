import type { ExecutionEvent } from './events.ts';
import {
  begin,
  executionsOf,
  executionSucceeded,
  passedOn,
  planOf,
  scheduled,
  skipped,
  started,
  succeeded,
  success,
} from './testing/index.ts';

const trigger = { start: 'trigger.manual' };
const bigger = { type: 'if', config: { condition: '{{ trigger.amount > 100 }}' } };

describe('an if', () => {
  const plan = planOf({ ...trigger, big: bigger, yes: 'noop', no: 'noop', after: 'noop' }, [
    'start > big',
    'big:true > yes',
    'big:false > no',
    'no > after',
  ]);

  it('leaves by "true", passes on what came in and skips all that only "false" leads to', () => {
    executionsOf(plan)
      .given([started({ amount: 101 })])
      .when(begin)
      .then([passedOn('big', 'start', 'true'), scheduled('yes'), skipped('no'), skipped('after')]);
  });

  it('leaves by "false"', () => {
    executionsOf(plan)
      .given([started({ amount: 100 })])
      .when(begin)
      .then([passedOn('big', 'start', 'false'), skipped('yes'), scheduled('no')]);
  });

  it('whose output leads nowhere ends the execution, and is its end', () => {
    executionsOf(planOf({ ...trigger, big: bigger, yes: 'noop' }, ['start > big', 'big:true > yes']))
      .given([started({ amount: 1 })])
      .when(begin)
      .then([passedOn('big', 'start', 'false'), skipped('yes'), executionSucceeded('big')]);
  });
});

describe('a switch', () => {
  const planFor = (config: { mode?: string; fallback?: string }) =>
    planOf(
      {
        ...trigger,
        size: {
          type: 'switch',
          config: {
            cases: [
              { output: 'large', condition: '{{ trigger.amount > 100 }}' },
              { output: 'even', condition: '{{ trigger.amount % 2 == 0 }}' },
            ],
            ...config,
          },
        },
        large: 'noop',
        even: 'noop',
        other: 'noop',
      },
      ['start > size', 'size:large > large', 'size:even > even', ...(config.fallback ? ['size:rest > other'] : [])],
    );

  it('leaves by the first case that holds', () => {
    executionsOf(planFor({}))
      .given([started({ amount: 200 })])
      .when(begin)
      .then([passedOn('size', 'start', 'large'), scheduled('large'), skipped('even')]);
  });

  it('leaves by every case that holds in mode "all"', () => {
    executionsOf(planFor({ mode: 'all' }))
      .given([started({ amount: 200 })])
      .when(begin)
      .then([passedOn('size', 'start', 'large', 'even'), scheduled('large'), scheduled('even')]);
  });

  it('leaves by its fallback when no case holds', () => {
    executionsOf(planFor({ fallback: 'rest' }))
      .given([started({ amount: 7 })])
      .when(begin)
      .then([passedOn('size', 'start', 'rest'), skipped('large'), skipped('even'), scheduled('other')]);
  });

  it('leaves by nothing when no case holds and there is no fallback', () => {
    executionsOf(planFor({}))
      .given([started({ amount: 7 })])
      .when(begin)
      .then([passedOn('size', 'start'), skipped('large'), skipped('even'), executionSucceeded('size')]);
  });
});

describe('a value that is passed on', () => {
  const chain = planOf(
    {
      ...trigger,
      shape: { type: 'set', config: { values: { amount: 500 } } },
      first: bigger,
      second: bigger,
      seen: { type: 'set', config: { values: { amount: '{{ nodes.second.output.amount }}' } } },
    },
    ['start > shape', 'shape > first', 'first:true > second', 'second:true > seen'],
  );

  it('is recorded once, and each that passes it on names the node that made it', () => {
    executionsOf(chain)
      .given([started({ amount: 101 })])
      .when(begin)
      .then([
        succeeded('shape', { amount: 500 }),
        passedOn('first', 'shape', 'true'),
        passedOn('second', 'shape', 'true'),
        succeeded('seen', { amount: 500 }),
        executionSucceeded('seen'),
      ]);
  });

  it('is recorded as it is when it is no object: a reference would be no shorter', () => {
    const plan = planOf({ ...trigger, send: 'noop', big: bigger }, ['start > send', 'send > big']);
    executionsOf(plan)
      .given([started({ amount: 101 }), scheduled('send')])
      .when(success('send', 'text'))
      .then([
        succeeded('send', 'text'),
        { type: 'NodeSucceeded', data: { nodeId: 'big', attempt: 1, output: { value: 'text' }, leavesBy: ['true'] } },
        executionSucceeded('big'),
      ]);
  });
});

describe('a join', () => {
  const diamond = (join: 'all' | 'any') =>
    executionsOf(
      planOf({ ...trigger, left: 'noop', right: 'noop', merge: { type: 'merge', join } }, [
        'start > left',
        'start > right',
        'left > merge',
        'right > merge',
      ]),
    );
  const begun: ExecutionEvent[] = [started(), scheduled('left'), scheduled('right')];

  it('of "all" waits for every connection', () => {
    diamond('all')
      .given(begun)
      .when(success('left', 'L'))
      .then([succeeded('left', 'L')]);
  });

  it('of "all" runs when the last one is settled, with the values in connection order', () => {
    diamond('all')
      .given([...begun, succeeded('right', 'R')])
      .when(success('left', 'L'))
      .then([succeeded('left', 'L'), succeeded('merge', { left: 'L', right: 'R' }), executionSucceeded('merge')]);
  });

  it('of "any" runs at the first one, with its value alone', () => {
    diamond('any')
      .given(begun)
      .when(success('right', 'R'))
      .then([succeeded('right', 'R'), succeeded('merge', { right: 'R' })]);
  });

  it('of "any" does not run again, and the execution ends with the last branch', () => {
    diamond('any')
      .given([...begun, succeeded('right', 'R'), succeeded('merge', { right: 'R' })])
      .when(success('left'))
      .then([succeeded('left'), executionSucceeded('merge')]);
  });

  it('of "all" runs when one branch was skipped and the other one taken', () => {
    const plan = planOf({ ...trigger, big: bigger, yes: 'noop', no: 'noop', after: 'noop' }, [
      'start > big',
      'big:true > yes',
      'big:false > no',
      'yes > after',
      'no > after',
    ]);
    executionsOf(plan)
      .given([started({ amount: 101 }), passedOn('big', 'start', 'true'), scheduled('yes'), skipped('no')])
      .when(success('yes'))
      .then([succeeded('yes'), scheduled('after')]);
  });

  it.each(['all', 'any'] as const)('of "%s" is skipped when every branch into it was', (join) => {
    const plan = planOf({ ...trigger, big: bigger, a: 'noop', b: 'noop', after: { type: 'noop', join } }, [
      'start > big',
      'big:true > a',
      'big:true > b',
      'a > after',
      'b > after',
    ]);
    executionsOf(plan)
      .given([started({ amount: 1 })])
      .when(begin)
      .then([
        passedOn('big', 'start', 'false'),
        skipped('a'),
        skipped('b'),
        skipped('after'),
        executionSucceeded('big'),
      ]);
  });

  it('takes a node once that leads to it by two outputs', () => {
    const plan = planOf(
      {
        ...trigger,
        both: {
          type: 'switch',
          config: {
            cases: [
              { output: 'a', condition: true },
              { output: 'b', condition: true },
            ],
            mode: 'all',
          },
        },
        merge: { type: 'merge', config: { mode: 'list' } },
      },
      ['start > both', 'both:a > merge', 'both:b > merge'],
    );
    executionsOf(plan)
      .given([started({ amount: 1 })])
      .when(begin)
      .then([passedOn('both', 'start', 'a', 'b'), succeeded('merge', [{ amount: 1 }]), executionSucceeded('merge')]);
  });

  it('of nothing but the trigger runs once, though two ways lead to it', () => {
    const plan = planOf({ ...trigger, shape: { type: 'set', config: { values: {} } }, send: 'noop' }, [
      'start > shape',
      'start > send',
      'shape > send',
    ]);
    executionsOf(plan)
      .given([started()])
      .when(begin)
      .then([succeeded('shape'), scheduled('send')]);
  });
});

describe('parallel branches', () => {
  it('end the execution with the last of them, and each is an end of its own', () => {
    const plan = planOf({ ...trigger, left: 'noop', right: 'noop' }, ['start > left', 'start > right']);
    const { given } = executionsOf(plan);
    const begun = [started(), scheduled('left'), scheduled('right')];
    given(begun)
      .when(success('right'))
      .then([succeeded('right')]);
    given([...begun, succeeded('right')])
      .when(success('left'))
      .then([succeeded('left'), executionSucceeded('left', 'right')]);
  });
});

describe('triggers that did not fire', () => {
  const nodes = { ...trigger, other: 'trigger.manual', only: 'noop', both: 'noop' };
  const plan = planOf(nodes, ['start > both', 'other > only', 'only > both']);

  it('let a join behind them run as soon as the rest is settled', () => {
    executionsOf(plan)
      .given([started()])
      .when(begin)
      .then([skipped('only'), scheduled('both')]);
  });

  it('start nothing, whichever of the triggers it is', () => {
    executionsOf(plan)
      .given([started({}, 'other')])
      .when(begin)
      .then([scheduled('only')]);
  });

  it('have no fact of their own', () => {
    executionsOf(planOf({ ...trigger, other: 'trigger.manual' }))
      .given([started()])
      .when(begin)
      .then([executionSucceeded('start')]);
  });
});

describe('a root that no trigger leads to', () => {
  it('never runs, what stands behind it is skipped, and joins do not wait for it', () => {
    const plan = planOf({ ...trigger, lost: 'noop', behind: 'noop', joined: 'noop' }, [
      'lost > behind',
      'behind > joined',
      'lost > joined',
      'start > joined',
    ]);
    executionsOf(plan)
      .given([started()])
      .when(begin)
      .then([skipped('behind'), scheduled('joined')]);
  });
});

describe('node ids', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length'])('may be "%s"', (id) => {
    const plan = planOf(
      {
        ...trigger,
        [id]: 'noop',
        big: { type: 'if', config: { condition: '{{ trigger.go }}' } },
        merge: 'merge',
        seen: { type: 'set', config: { values: { was: `{{ nodes["${id}"].output.n }}` } } },
      },
      ['start > big', `big:true > ${id}`, `${id} > merge`, 'merge > seen'],
    );
    const { given } = executionsOf(plan);
    given([started({ go: false })])
      .when(begin)
      .then([
        passedOn('big', 'start', 'false'),
        skipped(id),
        skipped('merge'),
        skipped('seen'),
        executionSucceeded('big'),
      ]);
    given([started({ go: true }), passedOn('big', 'start', 'true'), scheduled(id)])
      .when(success(id, { n: 1 }))
      .then([
        succeeded(id, { n: 1 }),
        succeeded('merge', { [id]: { n: 1 } }),
        succeeded('seen', { was: 1 }),
        executionSucceeded('seen'),
      ]);
  });
});
