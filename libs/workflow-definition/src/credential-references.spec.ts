import type { JsonObject } from '#libs/kernel';
import { checkCredentialFields, credentialReferencesOf, withCredentials } from './credential-references.ts';
import type { WorkflowDefinition } from './definition.ts';
import { parseDefinition } from './parse-definition.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

const definitionOf = (...configs: JsonObject[]): WorkflowDefinition => ({
  name: 'x',
  nodes: configs.map((config, index) => ({ id: `n${index}`, type: 'work', config })),
  connections: [],
  settings: { priority: 'normal' },
});

const FOUND: readonly [JsonObject, string][] = [
  [{ credentialId: 'cr_1' }, 'nodes[0].config.credentialId'],
  [{ verify: { scheme: 'github', credentialId: 'cr_1' } }, 'nodes[0].config.verify.credentialId'],
  [{ node: { config: { credentialId: 'cr_1' } } }, 'nodes[0].config.node.config.credentialId'],
  [{ targets: [{}, { credentialId: 'cr_1' }] }, 'nodes[0].config.targets[1].credentialId'],
  [{ secretCredentialId: 'cr_1' }, 'nodes[0].config.secretCredentialId'],
];
const DATA: readonly JsonObject[] = [
  { json: { credentialId: 'theirs' } },
  { form: { credentialId: 'theirs' } },
  { values: { credentialId: '{{ trigger.body.id }}' } },
  { schema: { properties: { credentialId: { type: 'string' } } } },
  { node: { config: { json: { deep: [{ credentialId: 'theirs' }] } } } },
  { template: { id: 'tpl_1', data: { credentialId: 'theirs' } } },
  { credentialId: 7 },
  { credentialIds: 'cr_1' },
  { secretcredentialId: 'cr_1' },
];

describe('credential references', () => {
  it.each(FOUND)('%j names one', (config, path) => {
    expect(credentialReferencesOf(definitionOf(config))).toEqual([{ credentialId: 'cr_1', nodeId: 'n0', path }]);
  });

  it.each(DATA)('%j names none', (config) => {
    expect(credentialReferencesOf(definitionOf(config))).toEqual([]);
    expect(checkCredentialFields(config, 'config')).toEqual([]);
    expect(withCredentials(definitionOf(config), new Map([['theirs', 'cr_2']]))).toEqual(definitionOf(config));
  });

  it('of all nodes are found, in their order', () => {
    const found = credentialReferencesOf(definitionOf({ credentialId: 'cr_2' }, {}, { credentialId: 'cr_1' }));
    expect(found.map(({ nodeId, credentialId }) => [nodeId, credentialId])).toEqual([
      ['n0', 'cr_2'],
      ['n2', 'cr_1'],
    ]);
  });

  it.each(FOUND)('%j is given another', (config, path) => {
    const replaced = withCredentials(definitionOf(config), new Map([['cr_1', 'cr_9']]));
    expect(credentialReferencesOf(replaced)).toEqual([{ credentialId: 'cr_9', nodeId: 'n0', path }]);
    expect(withCredentials(definitionOf(config), new Map([['other', 'cr_9']]))).toEqual(definitionOf(config));
  });

  it('are literal: an expression is refused, with its path', () => {
    const nodes = [
      { id: 'start', type: 'start', config: {} },
      { id: 'a', type: 'work', config: { url: 'x', by: { credentialId: '{{ trigger.body.which }}' } } },
    ];
    const connections = [{ from: 'start', to: 'a' }];
    const parsed = parseDefinition({ name: 'x', nodes, connections }, SAMPLE_NODE_TYPES);
    expect(parsed).toEqual({
      kind: 'refused',
      problems: [
        { path: 'nodes[1].config.by.credentialId', message: expect.stringContaining('an expression is not') as string },
      ],
    });
  });
});
