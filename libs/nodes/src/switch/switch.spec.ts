import type { JsonObject } from '#libs/kernel';
import { checkedBy, computeNode, refusedBy } from '../testing/run-nodes.ts';
import { switchNode } from './switch.ts';

const cases = (...conditions: boolean[]) =>
  conditions.map((condition, index) => ({ output: `out${index}`, condition }));

describe('switch', () => {
  it.each<[string, JsonObject, string[]]>([
    ['the first case that holds', { cases: cases(false, true, true) }, ['out1']],
    ['every case that holds, when asked for', { cases: cases(true, false, true), mode: 'all' }, ['out0', 'out2']],
    ['the fallback when none holds', { cases: cases(false), fallback: 'other' }, ['other']],
    ['the fallback when none of all holds', { cases: cases(false, false), fallback: 'other', mode: 'all' }, ['other']],
    ['no fallback when one holds', { cases: cases(true), fallback: 'other' }, ['out0']],
    ['nothing when none holds and there is no fallback', { cases: cases(false, false) }, []],
  ])('lets what came in leave by %s', (_what, config, leavesBy) => {
    expect(computeNode(switchNode, config, ['in'])).toEqual({ output: 'in', leavesBy });
  });

  it('has the outputs that its config names, each once', () => {
    expect(switchNode.outputsOf({ cases: cases(true, true), fallback: 'other' })).toEqual(['out0', 'out1', 'other']);
    expect(switchNode.outputsOf({ cases: cases(true), fallback: 'out0' })).toEqual(['out0']);
  });

  it.each<JsonObject>([
    {},
    { cases: 'x' },
    { cases: [1, null, {}, { output: 5 }, { output: '{{ x }}' }] },
    { fallback: {} },
  ])('has none for %j, and does not break', (config) => {
    expect(switchNode.outputsOf(config)).toEqual([]);
    expect(() => checkedBy(switchNode, config)).not.toThrow();
  });

  it('has outputs with names of their own', () => {
    const twice = [...cases(true, true), { output: 'out0', condition: true }];
    expect(checkedBy(switchNode, { cases: twice })).toEqual([
      'cases[2].output: "out0" is already the output of cases[0].output',
    ]);
    expect(checkedBy(switchNode, { cases: cases(true), fallback: 'out0' })).toEqual([]);
  });

  it('does not take the output that onError "branch" adds', () => {
    const reserved = [{ output: 'error', condition: true }];
    expect(checkedBy(switchNode, { cases: reserved, fallback: 'error' })).toEqual([
      'cases[0].output: "error" is reserved for what onError "branch" adds',
      'fallback: "error" is reserved for what onError "branch" adds',
    ]);
  });

  it('does not name outputs by expressions', () => {
    const named = [{ output: '{{ trigger.body.way }}', condition: true }];
    expect(checkedBy(switchNode, { cases: named })).toEqual([
      'cases[0].output: names an output and cannot be an expression',
    ]);
  });

  it.each<[JsonObject, string[]]>([
    [{}, ['cases']],
    [{ cases: [] }, ['cases']],
    [{ cases: cases(...Array<boolean>(101).fill(true)) }, ['cases']],
    [{ cases: [{ output: '1', condition: 1 }] }, ['cases.0.output', 'cases.0.condition']],
    [{ cases: cases(true), mode: 'some' }, ['mode']],
  ])('refuses %#', (config, paths) => {
    expect(refusedBy(switchNode, config)).toEqual(paths);
  });
});
