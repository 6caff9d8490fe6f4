import { EXAMPLE_DEFINITION } from './example-definition.ts';
import { EXPORT_FORMAT, exportedWorkflowSchema, exportWorkflow, readImport } from './exported-workflow.ts';

const definition = {
  ...EXAMPLE_DEFINITION,
  nodes: EXAMPLE_DEFINITION.nodes.map((node) =>
    node.id === 'notify' ? { ...node, config: { ...node.config, credentialId: 'cr_1' } } : node,
  ),
};

describe('an export', () => {
  it('holds the definition, and names the credentials that it needs', () => {
    expect(exportWorkflow(definition)).toEqual({
      format: EXPORT_FORMAT,
      workflow: definition,
      requires: { credentials: [{ id: 'cr_1', nodeId: 'notify', path: 'nodes[2].config.credentialId' }] },
    });
  });

  it('fits its schema', () => {
    expect(exportedWorkflowSchema.parse(exportWorkflow(definition))).toEqual(exportWorkflow(definition));
  });

  it('is read as what was exported', () => {
    const exported: unknown = JSON.parse(JSON.stringify(exportWorkflow(definition)));
    expect(readImport(exported)).toEqual({ kind: 'read', definition, path: 'workflow', credentials: new Map() });
  });
});

describe('an import', () => {
  it.each([[definition], [null], [[]], ['text'], [{}]])('without a format is a bare definition', (input) => {
    expect(readImport(input)).toEqual({ kind: 'read', definition: input, path: '', credentials: new Map() });
  });

  it('is refused without a workflow', () => {
    expect(readImport({ format: EXPORT_FORMAT })).toEqual({
      kind: 'refused',
      problems: [{ path: 'workflow', message: 'is required' }],
    });
  });

  it('says which credentials to use', () => {
    const credentials = { cr_1: 'cr_2' };
    expect(readImport({ ...exportWorkflow(definition), exportedAt: '2026', credentials })).toMatchObject({
      kind: 'read',
      credentials: new Map([['cr_1', 'cr_2']]),
    });
  });

  it.each<[string, object]>([
    ['format', { format: 'n8n' }],
    ['format', { format: null }],
    ['colour', { format: EXPORT_FORMAT, colour: 'red' }],
    ['credentials', { format: EXPORT_FORMAT, credentials: ['cr_1'] }],
    ['credentials.cr_1', { format: EXPORT_FORMAT, credentials: { cr_1: '{{ expression }}' } }],
    ['credentials.cr_1', { format: EXPORT_FORMAT, credentials: { cr_1: 'x'.repeat(101) } }],
  ])('is refused because of %s', (path, input) => {
    expect(readImport({ workflow: {}, ...input })).toMatchObject({ kind: 'refused', problems: [{ path }] });
  });
});
