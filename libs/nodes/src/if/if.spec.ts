import { computeNode, refusedBy } from '../testing/run-nodes.ts';
import { ifNode } from './if.ts';

describe('if', () => {
  it('has the outputs true and false', () => {
    expect(ifNode.outputsOf({})).toEqual(['true', 'false']);
  });

  it.each([
    [true, 'true'],
    [false, 'false'],
  ])('lets what came in leave by %s', (condition, output) => {
    expect(computeNode(ifNode, { condition }, [{ a: 1 }])).toEqual({ output: { a: 1 }, leavesBy: [output] });
  });

  it.each([1, 0, 'true', '', null, [], {}])('takes nothing but a boolean for a condition, not %j', (condition) => {
    expect(refusedBy(ifNode, { condition })).toEqual(['condition']);
  });

  it('needs a condition, and knows no other field', () => {
    expect(refusedBy(ifNode, {})).toEqual(['condition']);
    expect(refusedBy(ifNode, { condition: true, else: 1 })).toEqual(['']);
  });
});
