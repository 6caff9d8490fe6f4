import type { WorkflowDefinition } from '#libs/workflow-definition';
import { termsOf } from './terms-of.ts';

const definitionOf = (...configs: readonly WorkflowDefinition['nodes'][number]['config'][]): WorkflowDefinition => ({
  name: 'Scheduled',
  nodes: [
    ...configs.map((config, index) => ({ id: `s${index}`, type: 'trigger.schedule', config })),
    { id: 'shape', type: 'set', config: { values: { region: '{{ vars.region }}' } } },
  ],
  connections: [{ from: 's0', output: 'main', to: 'shape' }],
  settings: { priority: 'high' },
});
const terms = (definition: WorkflowDefinition) =>
  termsOf({ workflowId: 'wf_1', workspaceId: 'ws_1', version: 3, definition });

describe('the schedules of a version', () => {
  it('are those of its schedule nodes, with what starting an execution needs', () => {
    const at = { at: '2026-12-24T18:00', timezone: 'Europe/Berlin', payload: [1] };
    expect(terms(definitionOf({ cron: '@daily', misfire: 'runAll', jitterMs: 5 }, at))).toEqual([
      {
        ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 's0', version: 3 },
        rule: { kind: 'cron', cron: '@daily', timezone: 'UTC' },
        ...{ misfire: 'runAll', overlap: 'allow', jitterMs: 5 },
        ...{ priority: 'high', readsVariables: true, hasPayload: false },
      },
      {
        ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 's1', version: 3 },
        rule: { kind: 'at', at: '2026-12-24T17:00:00.000Z' },
        ...{ misfire: 'runOnce', overlap: 'allow', jitterMs: 0 },
        ...{ priority: 'high', readsVariables: true, hasPayload: true },
      },
    ]);
  });

  it('are without those that another version of Millrace, or newer zone data, published', () => {
    const zone = { cron: '@daily', timezone: 'Mars/Olympus' };
    const read = terms(definitionOf({ cron: '@daily', added: 1 }, zone, { everyMs: 5_000 }));
    expect(read.map(({ nodeId }) => nodeId)).toEqual(['s2']);
  });
});
