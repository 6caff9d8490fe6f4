import fc from 'fast-check';
import type { JsonValue } from '#libs/kernel';
import { computeWritten, refusedAtPublish } from '../testing/run-nodes.ts';
import { filterNode } from './filter.ts';

const filter = (condition: string | boolean, items: JsonValue) =>
  computeWritten(filterNode, { items: '{{ trigger.body }}', condition }, items);
const numbers = (length: number): JsonValue => Array.from({ length }, (_, index) => index);

describe('filter', () => {
  it('keeps the items for which the condition holds, and counts the others', () => {
    const items = [{ amount: 50 }, { amount: 150 }, { amount: 250 }];
    expect(filter('{{ item.amount > 100 }}', items)).toEqual({
      output: { kept: [{ amount: 150 }, { amount: 250 }], dropped: 1 },
      leavesBy: ['main'],
    });
  });

  it('sees the index, and the rest of the scope', () => {
    expect(filter('{{ index % 2 == 0 && trigger.body.size() == 3 }}', ['a', 'b', 'c']).output).toEqual({
      kept: ['a', 'c'],
      dropped: 1,
    });
  });

  it('takes items that are written out, and a condition that is no expression', () => {
    expect(computeWritten(filterNode, { items: [1, '{{ trigger.body }}'], condition: true }, 2).output).toEqual({
      kept: [1, 2],
      dropped: 0,
    });
    expect(filter(false, [1, 2]).output).toEqual({ kept: [], dropped: 2 });
    expect(filter('{{ item > 1 }}', []).output).toEqual({ kept: [], dropped: 0 });
  });

  it.each<[string, string]>([
    ['{{ item }}', 'a number'],
    ['{{ string(item) }}', 'a text'],
    ['is {{ item > 1 }}', 'a text'],
    ['{{ null }}', 'null'],
    ['{{ [item] }}', 'a list'],
    ['{{ {"a": item} }}', 'an object'],
  ])('fails where %j gives no boolean', (condition, type) => {
    expect(() => filter(`${condition}`, [1])).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: `condition gave ${type}, not a boolean, at item 0`,
        options: {
          retryable: false,
          details: { problems: [{ path: 'condition', message: `gave ${type}, not a boolean` }], index: 0 },
        },
      }) as Error,
    );
  });

  it('says at which item an expression failed', () => {
    expect(() => filter('{{ item.amount > 1 }}', [{ amount: 1 }, { sum: 1 }])).toThrow(
      expect.objectContaining({
        code: 'EXPRESSION_FAILED',
        path: 'condition',
        message: expect.stringMatching(/, at item 1$/) as string,
      }) as Error,
    );
  });

  it.each([{ a: 1 }, 'text', null, 5])('takes nothing but a list, not %j', (items) => {
    expect(() => filter('{{ true }}', items)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }) as Error);
  });

  it('takes up to 10,000 items', () => {
    expect(filter('{{ item >= 9999 }}', numbers(10_000)).output).toEqual({ kept: [9_999], dropped: 9_999 });
    expect(() => filter('{{ true }}', numbers(10_001))).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: expect.stringContaining('items too big') as string,
      }) as Error,
    );
  });

  it('takes up to 500,000 steps for all its items together', () => {
    // 51 for each item: 25 times `item`, 24 times `+`, `<` and `0`.
    const condition = `{{ ${Array.from({ length: 25 }, () => 'item').join(' + ')} < 0 }}`;
    expect(filter(condition, numbers(9_803)).output).toEqual({ kept: [], dropped: 9_803 });
    expect(() => filter(condition, numbers(9_804))).toThrow('takes more than 500000 steps, at item 9803');
  });

  it('is refused at publish when its condition can give no boolean, or does not parse', () => {
    expect(refusedAtPublish(filterNode, { items: '{{ trigger.body }}', condition: 'item > 1' })).toEqual([
      'condition: must hold an expression over item, such as {{ item.amount }}',
    ]);
    expect(refusedAtPublish(filterNode, { items: [], condition: '{{ item > }}' })).toEqual([
      expect.stringMatching(/^condition: expression at offset/),
    ]);
    expect(refusedAtPublish(filterNode, {})).toEqual(['items: is required', 'condition: is required']);
    expect(refusedAtPublish(filterNode, { items: 'none', condition: true })).toEqual([
      'items: expected array, received string',
    ]);
  });

  it('keeps in order what it does not drop, whatever the items are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.jsonValue({ maxDepth: 2 }))), (drawn) => {
        const items = drawn.map(([keep, value]) => ({ keep, value: JSON.parse(JSON.stringify(value)) as JsonValue }));
        const kept = items.filter(({ keep }) => keep);
        expect(filter('{{ item.keep }}', items).output).toEqual({ kept, dropped: items.length - kept.length });
      }),
    );
  });
});
