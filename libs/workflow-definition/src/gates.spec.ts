import type { Scope } from '#libs/expressions';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, type NodeTypes } from '#libs/node-kit';
import { parseDefinition } from './parse-definition.ts';
import { planWorkflow } from './plan.ts';
import type { PlannedGate } from './plan-types.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

/** A trigger that starts one at a time when its config says so. */
const tick = defineNodeType<JsonObject>({
  type: 'tick',
  kind: 'trigger',
  title: 'Tick',
  description: 'Ticks.',
  runs: 'trigger',
  configSchema: anyJsonObject(),
  outputsOf: () => ['main'],
  concurrencyOf: ({ alone }) =>
    alone === 'queue' || alone === 'cancelOldest' ? { limit: 1, onLimit: alone } : undefined,
});
const nodeTypes: NodeTypes = new Map([...SAMPLE_NODE_TYPES, [tick.type, tick]]);

const scope = (body: JsonValue): Scope => ({
  trigger: { body },
  nodes: {},
  execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
  workflow: { id: 'wf_1', version: 3, name: 'Sample' },
  vars: {},
});

function gatesOf(trigger: JsonObject, settings: JsonObject = {}, body: JsonValue = null): readonly PlannedGate[] {
  const nodes = [
    { id: 'other', type: 'start' },
    { id: 'start', ...trigger },
  ];
  const parsed = parseDefinition({ name: 'Sample', nodes, connections: [], settings }, nodeTypes);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
  const plan = planWorkflow({ workflowId: 'wf_1', version: 3, definition: parsed.definition, nodeTypes });
  return plan.gatesOf('start')?.(scope(body)) ?? [];
}

describe('the gates of an execution', () => {
  it('are none where nothing asks for one', () => {
    expect(gatesOf({ type: 'start' })).toEqual([]);
    expect(gatesOf({ type: 'tick' })).toEqual([]);
    expect(gatesOf({ type: 'tick', config: { alone: 1 } })).toEqual([]);
  });

  it('are first what the trigger holds back, then what its type asks for, then the limit of the workflow', () => {
    const trigger = {
      type: 'tick',
      config: { alone: 'queue' },
      debounce: { delayMs: 5, key: '{{ trigger.body.of }}' },
      throttle: { limit: 2, perMs: 1_000 },
    };
    const concurrency = { limit: 3, onLimit: 'skip', key: '{{ trigger.body }}' };
    expect(gatesOf(trigger, { concurrency }, { of: 'a' })).toEqual([
      { kind: 'debounce', key: 'wf_1/start/a', delayMs: 5 },
      { kind: 'throttle', key: 'wf_1/start', limit: 2, perMs: 1_000 },
      { kind: 'concurrency', key: 'wf_1:start', limit: 1, onLimit: 'queue' },
      { kind: 'concurrency', key: 'wf_1/{"of":"a"}', limit: 3, onLimit: 'skip' },
    ]);
  });

  it('are those of the trigger that starts it', () => {
    const settings = { concurrency: { limit: 1, onLimit: 'queue' } };
    const parsed = parseDefinition(
      {
        name: 'Sample',
        nodes: [
          { id: 'alone', type: 'tick', config: { alone: 'cancelOldest' } },
          { id: 'start', type: 'start' },
        ],
        connections: [],
        settings,
      },
      nodeTypes,
    );
    if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
    const plan = planWorkflow({ workflowId: 'wf_1', version: 3, definition: parsed.definition, nodeTypes });
    const ofWorkflow = { kind: 'concurrency', key: 'wf_1', limit: 1, onLimit: 'queue' };
    expect(plan.gatesOf('start')?.(scope(null))).toEqual([ofWorkflow]);
    expect(plan.gatesOf('alone')?.(scope(null))).toEqual([
      { kind: 'concurrency', key: 'wf_1:alone', limit: 1, onLimit: 'cancelOldest' },
      ofWorkflow,
    ]);
  });

  it('never share the key of a trigger with that of the workflow, whatever is in it', () => {
    const [ofTrigger, ofWorkflow] = gatesOf(
      { type: 'tick', config: { alone: 'queue' } },
      { concurrency: { limit: 1, onLimit: 'queue', key: '{{ trigger.body }}' } },
      ':start',
    );
    expect([ofTrigger?.key, ofWorkflow?.key]).toEqual(['wf_1:start', 'wf_1/:start']);
  });
});
