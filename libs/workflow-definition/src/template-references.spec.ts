import type { JsonObject } from '#libs/kernel';
import type { WorkflowDefinition } from './definition.ts';
import { templateReferencesOf } from './template-references.ts';

const definitionOf = (...configs: JsonObject[]): WorkflowDefinition => ({
  name: 'x',
  nodes: configs.map((config, index) => ({ id: `n${index}`, type: 'work', config })),
  connections: [],
  settings: { priority: 'normal' },
});

describe('references to email templates', () => {
  it.each<[JsonObject, number | undefined, string]>([
    [{ template: { id: 'tpl_1' } }, undefined, 'nodes[0].config.template'],
    [{ template: { id: 'tpl_1', version: 3 } }, 3, 'nodes[0].config.template'],
    [{ template: { id: 'tpl_1', version: '{{ vars.version }}' } }, undefined, 'nodes[0].config.template'],
    [{ node: { config: { template: { id: 'tpl_1' } } } }, undefined, 'nodes[0].config.node.config.template'],
  ])('%j is one', (config, version, path) => {
    expect(templateReferencesOf(definitionOf(config))).toEqual([{ templateId: 'tpl_1', version, nodeId: 'n0', path }]);
  });

  it.each<JsonObject>([
    { template: { id: '{{ trigger.body.which }}' } },
    { template: '{{ trigger.body.template }}' },
    { template: { name: 'tpl_1' } },
    { json: { template: { id: 'theirs' } } },
    { values: { template: { id: 'theirs' } } },
    { template: { id: '{{ vars.which }}', data: { template: { id: 'theirs' } } } },
  ])('%j is none', (config) => {
    expect(templateReferencesOf(definitionOf(config))).toEqual([]);
  });

  it('are found in all nodes, in their order', () => {
    const found = templateReferencesOf(definitionOf({ template: { id: 'tpl_2' } }, {}, { template: { id: 'tpl_1' } }));
    expect(found.map(({ nodeId, templateId }) => [nodeId, templateId])).toEqual([
      ['n0', 'tpl_2'],
      ['n2', 'tpl_1'],
    ]);
  });
});
