import { z } from 'zod';
import { exampleOf } from './example-of.ts';

const named = z.object({ id: z.string() }).meta({ examples: [{ id: 'a' }, { id: 'b' }] });
const text = z.string().meta({ example: 'x' });

describe('the example of a schema', () => {
  it.each<[string, z.ZodType, unknown]>([
    ['its own', named, { id: 'a' }],
    ['of its field', text, 'x'],
    ['null, when that is what it shows', z.string().nullable().meta({ example: null }), null],
    ['of an object, by its parts', z.object({ text, named }), { text: 'x', named: { id: 'a' } }],
    ['without optional parts that show nothing', z.object({ text, other: z.string().optional() }), { text: 'x' }],
    ['without parts that have a default', z.object({ text, other: z.int().default(5) }), { text: 'x' }],
    ['with optional parts that show one', z.object({ text: text.optional() }), { text: 'x' }],
    ['of a list, by its element', z.array(named), [{ id: 'a' }]],
    ['of what may be absent', z.object({ text }).nullish(), { text: 'x' }],
    ['none, when a part that must be there has none', z.object({ text, other: z.string() }), undefined],
    ['none, when nothing shows one', z.string(), undefined],
  ])('%s', (_, schema, example) => {
    expect(exampleOf(schema)).toEqual(example);
  });
});
