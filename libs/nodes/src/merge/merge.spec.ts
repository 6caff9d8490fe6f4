import { computeNode, refusedBy } from '../testing/run-nodes.ts';
import { mergeNode } from './merge.ts';

describe('merge', () => {
  it('gives an object by node id', () => {
    expect(computeNode(mergeNode, {}, [{ a: 1 }, 'b'])).toEqual({
      output: { n0: { a: 1 }, n1: 'b' },
      leavesBy: ['main'],
    });
  });

  it('gives a list in the order of the connections', () => {
    expect(computeNode(mergeNode, { mode: 'list' }, ['b', null, 'a']).output).toEqual(['b', null, 'a']);
  });

  it('gives an empty object or list of nothing', () => {
    expect(computeNode(mergeNode, { mode: 'object' }).output).toEqual({});
    expect(computeNode(mergeNode, { mode: 'list' }).output).toEqual([]);
  });

  it('knows two modes', () => {
    expect(refusedBy(mergeNode, { mode: 'zip' })).toEqual(['mode']);
  });
});
