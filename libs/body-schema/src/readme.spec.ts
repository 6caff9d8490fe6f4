import { readFileSync } from 'node:fs';
import { BODY_SCHEMA_LIMITS, BodySchemas, bodySchemaProblems, FORMAT_NAMES } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every limit as it is', () => {
    const listed = [...readme.matchAll(/^\| `(max\w+)` +\| ([\d,]+)/gm)].map(([, name, value]) => [
      name,
      Number(value?.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(listed)).toEqual(BODY_SCHEMA_LIMITS);
  });

  it('names every format', () => {
    expect(FORMAT_NAMES.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('shows what comes out', () => {
    expect(bodySchemaProblems({ properties: { a: { pattern: '(?=x)' } } })).toEqual([
      {
        path: 'schema.properties.a.pattern',
        message: 'must be an RE2 pattern: without lookahead, lookbehind and \\1',
      },
    ]);
    const schema = { properties: { items: { items: { properties: { amount: { type: 'number' } } } } } };
    const validate = new BodySchemas().validatorFor({ workflowId: 'wf_1', version: 1, nodeId: 'hook' }, schema);
    expect(validate({ items: [{ amount: 1 }, { amount: '2' }] })).toEqual([
      { path: 'body.items[1].amount', message: 'must be number' },
    ]);
  });
});
