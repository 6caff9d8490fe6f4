import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { computeWritten, refusedAtPublish } from '../testing/run-nodes.ts';
import { aggregateNode } from './aggregate.ts';
import { MAX_COLUMNS } from './config.ts';

const ORDERS = [
  { customer: 'Ada', amount: 250.5, at: '2026-11-02', paid: true, tags: ['new'] },
  { customer: 'Bob', amount: 20, at: '2026-11-01', paid: false, tags: ['eu', 'new'] },
  { customer: 'Ada', amount: 49.5, at: '2026-11-03', paid: false, tags: ['new'] },
  { customer: 'Ada', amount: null, at: null, paid: true, tags: ['new'] },
];

const aggregate = (config: JsonObject, items: JsonValue = ORDERS): JsonValue =>
  computeWritten(aggregateNode, { items: '{{ trigger.body }}', ...config }, items).output;
const one = (column: JsonObject, items: JsonValue = ORDERS): JsonValue => {
  const [row] = aggregate({ values: { is: column } }, items) as readonly JsonObject[];
  return row?.is ?? null;
};
const failure = (code: string, message: string | RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('aggregate', () => {
  it('gives what the README says', () => {
    const readme = readFileSync('libs/nodes/README.md', 'utf8').split('## filter and aggregate')[1] ?? '';
    const [config, items, rows] = [...readme.matchAll(/```json\n(.*?)```/gs)].map(
      ([, json = '']) => JSON.parse(json) as JsonValue,
    );
    expect(aggregate(config as JsonObject, items)).toEqual(rows);
  });

  it('gives a row a group, in the order in which the groups appear', () => {
    const values = { orders: { count: true }, total: { sum: '{{ item.amount }}' }, since: { min: '{{ item.at }}' } };
    expect(aggregate({ groupBy: '{{ item.customer }}', values })).toEqual([
      { key: 'Ada', orders: 3, total: 300, since: '2026-11-02' },
      { key: 'Bob', orders: 1, total: 20, since: '2026-11-01' },
    ]);
  });

  it('gives one row of everything without groupBy, also of nothing', () => {
    const values = { orders: { count: true }, total: { sum: '{{ item.amount }}' }, mean: { avg: '{{ item.amount }}' } };
    expect(aggregate({ values })).toEqual([{ orders: 4, total: 320, mean: 320 / 3 }]);
    expect(aggregate({ values }, [])).toEqual([{ orders: 0, total: 0, mean: null }]);
    expect(aggregate({ values, groupBy: '{{ item }}' }, [])).toEqual([]);
    expect(aggregate({ values: {}, groupBy: '{{ item.customer }}' })).toEqual([{ key: 'Ada' }, { key: 'Bob' }]);
  });

  it.each<[JsonObject, JsonValue]>([
    [{ sum: '{{ item.amount }}' }, 320],
    [{ avg: '{{ item.amount }}' }, 320 / 3],
    [{ min: '{{ item.amount }}' }, 20],
    [{ max: '{{ item.amount }}' }, 250.5],
    [{ max: '{{ item.at }}' }, '2026-11-03'],
    [{ count: true }, 4],
    [{ count: '{{ item.paid }}' }, 2],
    [{ first: '{{ item.amount }}' }, 250.5],
    [{ last: '{{ item.amount }}' }, null],
    [{ list: '{{ item.customer }}' }, ['Ada', 'Bob', 'Ada', 'Ada']],
    [{ list: '{{ index }}: {{ item.customer }}' }, ['0: Ada', '1: Bob', '2: Ada', '3: Ada']],
    [{ distinct: '{{ item.customer }}' }, ['Ada', 'Bob']],
    [{ distinct: '{{ item.tags }}' }, [['new'], ['eu', 'new']]],
  ])('%j', (column, value) => {
    expect(one(column)).toEqual(value);
  });

  it.each<[JsonObject, JsonValue]>([
    [{ sum: '{{ item }}' }, 0],
    [{ avg: '{{ item }}' }, null],
    [{ min: '{{ item }}' }, null],
    [{ max: '{{ item }}' }, null],
    [{ count: true }, 0],
    [{ first: '{{ item }}' }, null],
    [{ last: '{{ item }}' }, null],
    [{ list: '{{ item }}' }, []],
    [{ distinct: '{{ item }}' }, []],
  ])('of nothing, %j is %j', (column, value) => {
    expect(one(column, [])).toEqual(value);
  });

  it('groups by any value, whatever the order of its keys, and keeps apart what is not equal', () => {
    const items = [{ a: 1, b: 2 }, 1, '1', null, { b: 2, a: 1 }, 1.0, true, [1]];
    expect(aggregate({ groupBy: '{{ item }}', values: { n: { count: true } } }, items)).toEqual([
      { key: { a: 1, b: 2 }, n: 2 },
      { key: 1, n: 2 },
      { key: '1', n: 1 },
      { key: null, n: 1 },
      { key: true, n: 1 },
      { key: [1], n: 1 },
    ]);
    expect(
      aggregate({ groupBy: '{{ {"who": item.customer, "paid": item.paid} }}', values: { n: { count: true } } }),
    ).toMatchObject([{ key: { who: 'Ada', paid: true }, n: 2 }, { n: 1 }, { n: 1 }]);
  });

  it('takes keys of an object’s prototype as plain keys', () => {
    const items = JSON.parse('["__proto__","constructor","__proto__"]') as JsonValue;
    expect(aggregate({ groupBy: '{{ item }}', values: { constructor: { count: true } } }, items)).toEqual([
      { key: '__proto__', constructor: 2 },
      { key: 'constructor', constructor: 1 },
    ]);
  });

  it.each<[JsonObject, JsonValue, string]>([
    [{ sum: '{{ item }}' }, [1, '2'], 'values.is.sum gave a text, not a number or null, at item 1'],
    [{ avg: '{{ item }}' }, [true], 'values.is.avg gave a boolean, not a number or null, at item 0'],
    [{ min: '{{ item }}' }, [[1]], 'values.is.min gave a list, not a number, a text or null, at item 0'],
    [{ max: '{{ item }}' }, [{}], 'values.is.max gave an object, not a number, a text or null, at item 0'],
    [{ count: '{{ item }}' }, [null], 'values.is.count gave null, not a boolean, at item 0'],
    [{ min: '{{ item }}' }, [1, 'a'], 'values.is.min gave numbers beside texts'],
    [{ sum: '{{ item }}' }, [1e308, 1e308], 'values.is.sum adds up to more than a number can hold'],
    [{ avg: '{{ item }}' }, [1e308, 1e308], 'values.is.avg adds up to more than a number can hold'],
  ])('%j cannot be of %j', (column, items, message) => {
    expect(() => one(column, items)).toThrow(failure('INVALID_CONFIG', message));
  });

  it('says at which item an expression failed', () => {
    const items: JsonValue = [{ amount: 1 }, { sum: 1 }];
    expect(() => one({ sum: '{{ item.amount }}' }, items)).toThrow(failure('EXPRESSION_FAILED', /, at item 1$/));
    const grouped = () => aggregate({ groupBy: '{{ item.amount }}', values: {} }, items);
    expect(grouped).toThrow(failure('EXPRESSION_FAILED', /, at item 1$/));
  });

  it.each<[JsonObject, string[]]>([
    [{ values: { a: '{{ item.amount }}' } }, ['values.a: expected object, received string']],
    [{ values: { a: {} } }, [expect.stringMatching(/^values\.a: must have one of sum, avg/) as string]],
    [
      { values: { a: { sum: '{{ item }}', max: '{{ item }}' } } },
      [expect.stringMatching(/^values\.a: must have one of/) as string],
    ],
    [
      { values: { a: { median: '{{ item }}' } } },
      [
        'values.a.median: is not a known field',
        'values.a: must have one of sum, avg, min, max, count, first, last, list, distinct',
      ],
    ],
    [
      { values: { a: { sum: 'amount' } } },
      ['values.a.sum: must hold an expression over item, such as {{ item.amount }}'],
    ],
    [{ values: { a: { sum: '{{ item. }}' } } }, [expect.stringContaining('values.a.sum: expression at') as string]],
    [{ values: { a: { sum: true } } }, ['values.a.sum: expected string, received boolean']],
    [{ values: { 'a b': { count: true } } }, [expect.stringContaining('a b') as string]],
    [{ values: {}, groupBy: 'customer' }, ['groupBy: must hold an expression over item, such as {{ item.amount }}']],
    [
      { values: { key: { count: true } }, groupBy: '{{ item }}' },
      ['values.key: with groupBy, key is the key of the group; give this another name'],
    ],
    [{}, ['values: is required']],
    [{ values: { key: { count: true } } }, []],
  ])('is refused at publish: %j', (config, problems) => {
    expect(refusedAtPublish(aggregateNode, { items: '{{ trigger.body }}', ...config })).toEqual(problems);
  });

  it('has up to 50 values', () => {
    const values = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, { count: true }]));
    expect(refusedAtPublish(aggregateNode, { items: [], values: values(MAX_COLUMNS) })).toEqual([]);
    expect(refusedAtPublish(aggregateNode, { items: [], values: values(MAX_COLUMNS + 1) })).toEqual([
      'values: must have at most 50 fields',
    ]);
  });

  it('takes up to 10,000 items', () => {
    const items = (length: number) => Array.from({ length }, (_, index) => index);
    expect(one({ count: true }, items(10_000))).toBe(10_000);
    expect(() => one({ count: true }, items(10_001))).toThrow(failure('INVALID_CONFIG', 'items too big'));
  });

  it('takes up to 50,000 items times values', () => {
    const items = (length: number) => Array.from({ length }, (_, index) => index);
    const values = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, { sum: '{{ item }}' }]));
    expect(() => aggregate({ values: values(5) }, items(10_000))).not.toThrow();
    expect(() => aggregate({ values: values(6) }, items(8_334))).toThrow(
      failure('INVALID_CONFIG', 'items times values is 50004, and at most 50000'),
    );
  });

  it('takes the steps and the result of one evaluation for all items and fields together', () => {
    const items = (length: number) => Array.from({ length }, (_, index) => index);
    // 8 for the key, and 100 for a text of 92 characters.
    const large = { groupBy: '{{ 1 }}', values: { all: { list: `{{ "${'x'.repeat(92)}" }}` } } };
    expect(() => aggregate(large, items(9_709))).not.toThrow();
    expect(() => aggregate(large, items(9_710))).toThrow(
      failure('EXPRESSION_FAILED', 'the result is larger than 1048576 characters, at item 9709'),
    );
    // 1 step for groupBy, 49 for 25 times `item` and 24 times `+`.
    const dear = { groupBy: '{{ 1 }}', values: { a: { sum: `{{ ${Array(25).fill('item').join(' + ')} }}` } } };
    expect(() => aggregate(dear, items(10_000))).not.toThrow();
    const over = { ...dear, groupBy: '{{ -item }}' };
    expect(() => aggregate(over, items(9_803))).not.toThrow();
    expect(() => aggregate(over, items(9_804))).toThrow(
      failure('EXPRESSION_FAILED', 'takes more than 500000 steps, at item 9803'),
    );
  });

  it('puts every item into one group', () => {
    const item = fc.record({
      group: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.string({ maxLength: 1 }), fc.constant(null)),
      n: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const rows = aggregate(
          {
            groupBy: '{{ item.group }}',
            values: { at: { list: '{{ index }}' }, n: { count: true }, sum: { sum: '{{ item.n }}' } },
          },
          items,
        ) as unknown as readonly { key: JsonValue; at: number[]; n: number; sum: number }[];
        expect(rows.flatMap(({ at }) => at).sort((a, b) => a - b)).toEqual([...items.keys()]);
        for (const { key, at, n, sum } of rows) {
          expect(at.map((index) => items[index]?.group)).toEqual(at.map(() => key));
          expect(at).toEqual(at.toSorted((a, b) => a - b));
          expect(n).toBe(at.length);
          expect(sum).toBe(at.reduce((total, index) => total + (items[index]?.n ?? 0), 0));
        }
        expect(new Set(rows.map(({ key }) => JSON.stringify(key))).size).toBe(rows.length);
        expect(rows.map(({ at }) => at[0] ?? -1)).toEqual(rows.map(({ at }) => at[0] ?? -1).toSorted((a, b) => a - b));
      }),
    );
  });
});
