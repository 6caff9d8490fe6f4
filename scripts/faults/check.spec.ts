import { isTerminalEvent } from '#libs/execution-engine';
import { check } from './check.mjs';
import { addCommit, type History } from './histories.mjs';

type Events = Parameters<typeof addCommit>[1]['events'];

const started = (orderId = 'o-1') => ({ type: 'ExecutionStarted', data: { input: { value: { body: { orderId } } } } });
const node = (type: string, nodeId: string, attempt = 1) => ({ type, data: { nodeId, attempt } });
const ended = { type: 'ExecutionSucceeded', data: {} };
const whole = [started(), node('NodeSucceeded', 'a'), node('NodeSucceeded', 'b'), ended];

/** One execution, `ex`, of these commits. */
function histories(...commits: readonly Events[]): Map<string, History> {
  const all: Parameters<typeof addCommit>[0] = new Map();
  let firstVersion = 1;
  for (const events of commits) {
    addCommit(all, { aggregateId: 'ex', firstVersion, events }, isTerminalEvent);
    firstVersion += events.length;
  }
  return all;
}

/** What is wrong where nothing else is. */
function wrongIn(seen: Partial<Parameters<typeof check>[0]>): string[] {
  const rows = check(
    {
      accepted: [{ executionId: 'ex', orderId: 'o-1' }],
      histories: histories(whole),
      listed: new Map([['ex', 'succeeded']]),
      keysOf: new Map([['o-1', new Set(['key'])]]),
      deadLetters: [],
      ...seen,
    },
    () => ['a', 'b'],
  );
  return rows.flatMap(({ wrong }) => wrong);
}

describe('the check after faults', () => {
  it('has nothing to say when all is right', () => {
    expect(wrongIn({})).toEqual([]);
  });

  it('takes attempts that are put back or tried again for what they are', () => {
    const again = [
      [started(), node('NodeScheduled', 'a')],
      [node('NodePostponed', 'a'), node('NodePostponed', 'a'), node('NodeRetryScheduled', 'a')],
      [node('NodeSucceeded', 'a', 2), node('NodeSucceeded', 'b'), ended],
    ];
    expect(wrongIn({ histories: histories(...again) })).toEqual([]);
  });

  it('lets an order have executions that nobody was told of, as its sender sends it again', () => {
    const more = histories(whole);
    more.set('untold', histories(whole).get('ex')!);
    const listed = new Map([...more.keys()].map((id) => [id, 'succeeded']));
    const keysOf = new Map([['o-1', new Set(['key', 'other'])]]);
    expect(wrongIn({ histories: more, listed, keysOf })).toEqual([]);
  });

  it.each<[string, Parameters<typeof wrongIn>[0], string]>([
    ['an accepted call without an execution', { histories: new Map(), listed: new Map() }, 'ex (o-1): lost'],
    ['another order', { histories: histories([started('o-2'), ...whole.slice(1)]) }, 'ex: has o-2 instead of o-1'],
    [
      'an id that was given twice',
      {
        accepted: [
          { executionId: 'ex', orderId: 'o-1' },
          { executionId: 'ex', orderId: 'o-1' },
        ],
      },
      'ex was given twice',
    ],
    ['an execution that is not over', { histories: histories(whole.slice(0, 3)) }, 'ex (o-1): not over'],
    [
      'one that failed',
      { histories: histories([...whole.slice(0, 3), { type: 'ExecutionFailed', data: {} }]) },
      'ex (o-1): ExecutionFailed',
    ],
    [
      'a result that is recorded twice',
      { histories: histories([...whole.slice(0, 2), node('NodeRetryScheduled', 'a'), ...whole.slice(2)]) },
      'ex (o-1): two results of a, attempt 1',
    ],
    [
      'a second result of a node',
      { histories: histories([...whole.slice(0, 2), node('NodeFailed', 'a', 2), ...whole.slice(2)]) },
      'ex (o-1): two results of a',
    ],
    [
      'what comes after the end',
      { histories: histories(whole, [ended]) },
      'ex (o-1): ExecutionSucceeded comes after ExecutionSucceeded',
    ],
    ['a node that did not run', { histories: histories([...whole.slice(0, 2), ended]) }, 'ex (o-1): ran a'],
    ['an order that did not come', { keysOf: new Map() }, 'o-1'],
    [
      'an execution that changed its key',
      { keysOf: new Map([['o-1', new Set(['key', 'other'])]]) },
      'o-1: 2 keys of 1 executions',
    ],
    ['one that is listed as it was', { listed: new Map([['ex', 'running']]) }, 'ex (o-1): listed as running'],
    ['one that is not listed', { listed: new Map() }, 'ex (o-1): listed as nothing'],
    [
      'one that is listed and was never stored',
      {
        listed: new Map([
          ['ex', 'succeeded'],
          ['ghost', 'succeeded'],
        ]),
      },
      'ghost',
    ],
    ['a dead letter', { deadLetters: ['dl_1'] }, 'dl_1'],
  ])('notices %s', (_, seen, wrong) => {
    expect(wrongIn(seen)).toContain(wrong);
  });

  it('notices a gap in a history, and versions that come again', () => {
    const all: Parameters<typeof addCommit>[0] = new Map();
    const commit = (firstVersion: number, events: Events) =>
      addCommit(all, { aggregateId: 'ex', firstVersion, events }, () => false);
    commit(1, whole.slice(0, 1));
    commit(3, whole.slice(1, 2));
    commit(3, whole.slice(2, 3));
    expect(all.get('ex')?.wrong).toEqual(['version 3 follows on 1', 'version 3 follows on 3']);
  });
});
