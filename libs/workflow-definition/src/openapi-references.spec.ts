import type { JsonObject } from '#libs/kernel';
import type { WorkflowDefinition } from './definition.ts';
import { openApiReferencesOf } from './openapi-references.ts';

const definitionOf = (...nodes: [type: string, config: JsonObject][]): WorkflowDefinition => ({
  name: 'x',
  nodes: nodes.map(([type, config], index) => ({ id: `n${index}`, type, config })),
  connections: [],
  settings: { priority: 'normal' },
});
const CONFIG = { documentId: 'oad_1', version: 1, operationId: 'a' };

describe('references to OpenAPI documents', () => {
  it('are those of nodes, and of what loops do with each item', () => {
    const found = openApiReferencesOf(
      definitionOf(
        ['openapi.request', CONFIG],
        ['forEach', { items: [], node: { type: 'openapi.request', config: CONFIG } }],
        ['forEach', { node: { type: 'forEach', config: { node: { type: 'openapi.request', config: CONFIG } } } }],
      ),
    );
    expect(found).toEqual([
      { documentId: 'oad_1', config: CONFIG, nodeId: 'n0', path: 'nodes[0].config' },
      { documentId: 'oad_1', config: CONFIG, nodeId: 'n1', path: 'nodes[1].config.node.config' },
      { documentId: 'oad_1', config: CONFIG, nodeId: 'n2', path: 'nodes[2].config.node.config.node.config' },
    ]);
  });

  it.each<[string, JsonObject]>([
    ['http.request', CONFIG],
    ['openapi.request', { documentId: 1 }],
    ['set', { values: { node: { type: 'openapi.request', config: CONFIG } } }],
    ['openapi.request', { parameters: { node: { type: 'openapi.request', config: CONFIG } } }],
  ])('there is none in %s %j', (type, config) => expect(openApiReferencesOf(definitionOf([type, config]))).toEqual([]));
});
