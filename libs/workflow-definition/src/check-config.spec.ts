import type { JsonObject } from '#libs/kernel';
import { parseDefinition } from './parse-definition.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

function toldBy(config: JsonObject, type = 'work'): string[] {
  const nodes = [
    { id: 'start', type: 'start' },
    { id: 'node', type, config },
  ];
  const parsed = parseDefinition({ name: 'x', nodes, connections: [{ from: 'start', to: 'node' }] }, SAMPLE_NODE_TYPES);
  if (parsed.kind === 'accepted') return [];
  return parsed.problems.map(({ path, message }) => `${path.replace('nodes[1].config', '~')}: ${message}`);
}

describe('a config', () => {
  it('that fits is accepted, with and without what has a default', () => {
    expect(toldBy({ url: 'u' })).toEqual([]);
    expect(toldBy({ url: 'u', count: 9, mode: 'b', condition: true, either: [1], by: {}, list: [{ n: 1 }] })).toEqual(
      [],
    );
  });

  it.each<[JsonObject, string[]]>([
    [{}, ['~.url: is required']],
    [{ url: '' }, ['~.url: too small: expected string to have >=1 characters']],
    [
      { url: 'u', count: 10, mode: 'c' },
      ['~.count: too big: expected number to be <=9', '~.mode: expected one of "a"|"b"'],
    ],
    [{ url: 'u', uri: 'v' }, ['~.uri: is not a known field']],
    [{ url: 'u', 'odd key': 1 }, ['~["odd key"]: is not a known field']],
    [{ url: 'u', list: [{ n: 1 }, { n: 'x' }] }, ['~.list[1].n: expected number, received string']],
    [{ url: 'u', either: 5 }, ['~.either: expected one of "x"|"y"; or expected array, received number']],
    [{ url: 'u', either: [1, 'z'] }, ['~.either[1]: expected number, received string']],
    [{ url: 'forbidden', count: 'x' }, ['~.count: expected number, received string', '~.url: is forbidden']],
  ])('that does not fit is refused: %j', (config, told) => {
    expect(toldBy(config)).toEqual(told);
  });

  it.each<JsonObject>([
    { url: '{{ trigger.body.url }}' },
    { url: 'u', count: '{{ trigger.body.count }}' },
    { url: 'u', mode: '{{ trigger.body.mode }}' },
    { url: 'u', condition: '{{ trigger.body.n > 1 }}' },
    { url: 'u', list: '{{ trigger.body.list }}' },
    { url: 'u', list: ['{{ trigger.body }}', { n: '{{ trigger.body.n }}' }] },
    { url: 'u', by: '{{ trigger.body }}' },
    { url: 'u', either: '{{ trigger.body.either }}' },
    { url: 'u', either: [1, '{{ trigger.body.n }}'] },
    { url: 'u', either: ['{{ trigger.body.n }}'] },
  ])('may hold an expression for any value: %j', (config) => {
    expect(toldBy(config)).toEqual([]);
  });

  it.each<[JsonObject, string[]]>([
    [{ url: 'u', count: '{{ 1 }}', mode: 'c' }, ['~.mode: expected one of "a"|"b"']],
    [{ url: 'u', uri: '{{ 1 }}' }, ['~.uri: is not a known field']],
    [{ count: '{{ 1 }}' }, ['~.url: is required']],
    [{ url: 'u', either: [true, '{{ 1 }}'] }, ['~.either[0]: expected number, received boolean']],
    [{ url: 'u', count: '{ { 1 } }' }, ['~.count: expected number, received string']],
    [{ url: 'u', count: '{{{{' }, []],
  ])('is checked around its expressions: %j', (config, told) => {
    expect(toldBy(config).filter((text) => !text.includes('offset'))).toEqual(told);
  });

  it('is told where an expression does not parse', () => {
    expect(toldBy({ url: 'see {{ trigger.body. }}', list: [{ n: '{{ 1 + }}' }] })).toEqual([
      expect.stringMatching(/^~\.url: expression at offset \d+: /),
      expect.stringMatching(/^~\.list\[0\]\.n: expression at offset \d+: /),
    ]);
  });

  it('of a trigger is taken word for word', () => {
    expect(toldByTrigger({ text: '{{ not an expression' })).toEqual([]);
    expect(toldByTrigger({ mode: '{{ trigger.body.mode }}' })).toEqual([
      'nodes[0].config.mode: expected one of "a"|"b"',
    ]);
  });
});

function toldByTrigger(config: JsonObject): string[] {
  const parsed = parseDefinition({ name: 'x', nodes: [{ id: 'start', type: 'start', config }] }, SAMPLE_NODE_TYPES);
  return parsed.kind === 'accepted' ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}
