import { isSource, readSource } from './read-source.ts';
import { anyJsonObject } from './json-schemas.ts';
import { defineNodeType, type NodeTypes } from './node-type.ts';
import { BELL_TRIGGER } from './testing/bell-trigger.ts';

const start = defineNodeType({
  type: 'start',
  kind: 'trigger',
  runs: 'trigger',
  title: 'Start',
  description: 'Is called by nobody.',
  configSchema: anyJsonObject(),
  outputsOf: () => ['main'],
});
const nodeTypes: NodeTypes = new Map([BELL_TRIGGER, start].map((one) => [one.type, one]));

describe('what calls of a node mean', () => {
  it('is said by its type, for the config with its defaults', () => {
    const read = readSource(nodeTypes, { type: 'trigger.bell', config: { credentialId: 'cred_1' } });
    expect(read).toMatchObject({ kind: 'read', config: { credentialId: 'cred_1', rings: ['twice'] } });
    expect(read.kind === 'read' && read.webhook.proofOf(read.config)).toEqual({
      scheme: 'github',
      credentialId: 'cred_1',
    });
  });

  it.each([
    ['none', 'start', {}],
    ['none', 'trigger.unknown', {}],
    ['unreadable', 'trigger.bell', { rings: 2 }],
  ])('is %s for %s with %j', (kind, type, config) => {
    expect(readSource(nodeTypes, { type, config })).toEqual({ kind });
  });

  it('is there for types that services call', () => {
    expect(['trigger.bell', 'start', 'trigger.unknown'].map((type) => isSource(nodeTypes, type))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
