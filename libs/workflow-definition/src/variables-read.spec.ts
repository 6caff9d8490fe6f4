import type { JsonObject } from '#libs/kernel';
import { variablesReadBy } from './variables-read.ts';

const nodes = (...configs: JsonObject[]) => ({
  nodes: configs.map((config, index) => ({ id: `n${index}`, type: 'set', config })),
});

describe('the variables that a definition reads', () => {
  it('are those of all its nodes, sorted, each once', () => {
    const definition = nodes(
      { url: '{{ vars.base }}/x', headers: { region: '{{ vars.region }}' } },
      { condition: '{{ vars["base"] != "" }}' },
    );
    expect(variablesReadBy(definition)).toEqual(['base', 'region']);
  });

  it('are all when one node may read any', () => {
    expect(variablesReadBy(nodes({ a: '{{ vars.base }}' }, { b: '{{ vars }}' }))).toBe('all');
  });

  it('are all when code mentions them, and none when it does not', () => {
    const code = (text: string) => ({ nodes: [{ id: 'a', type: 'code', config: { code: text } }] });
    expect(variablesReadBy(code('return vars.base'))).toBe('all');
    expect(variablesReadBy(code('const o = {{ a: 1 }}'))).toEqual([]);
  });

  it('are none where the word stands outside of expressions, or in one that does not parse', () => {
    expect(variablesReadBy(nodes({ a: 'vars.base', vars: 1 }, { b: '{{ vars. }}' }, {}))).toEqual([]);
  });
});
