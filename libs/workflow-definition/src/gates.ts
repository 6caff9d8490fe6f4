import { compileTemplate, type Scope } from '#libs/expressions';
import { InvariantError, type JsonValue } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { canonicalJson } from './canonical-json.ts';
import type { NodeDefinition, WorkflowDefinition } from './definition.ts';
import type { Plan, PlannedGate } from './plan-types.ts';

type GateOf = (scope: Scope) => PlannedGate;

/** Compiles what a definition says of its executions' beginnings: first what a trigger holds back, then the workflow's limit. */
export function prepareGates(
  workflowId: string,
  { nodes, settings }: WorkflowDefinition,
  nodeTypes: NodeTypes,
): Plan['gatesOf'] {
  const ofWorkflow = concurrencyGate(workflowId, settings);
  const ofTriggers = new Map(
    nodes.map((node) => [
      node.id,
      [...pacingGates(workflowId, node), ...typeGate(workflowId, node, nodeTypes), ...ofWorkflow],
    ]),
  );
  return (triggerNodeId) => {
    const gates = ofTriggers.get(triggerNodeId) ?? ofWorkflow;
    return gates.length === 0 ? undefined : (scope) => gates.map((gateOf) => gateOf(scope));
  };
}

function concurrencyGate(workflowId: string, { concurrency }: WorkflowDefinition['settings']): readonly GateOf[] {
  if (!concurrency) return [];
  const { limit, onLimit } = concurrency;
  const keyOf = prepareKey(workflowId, concurrency.key);
  return [(scope) => ({ kind: 'concurrency', key: keyOf(scope), limit, onLimit })];
}

function pacingGates(workflowId: string, { id, debounce, throttle }: NodeDefinition): readonly GateOf[] {
  const gates: GateOf[] = [];
  if (debounce) {
    const keyOf = prepareKey(`${workflowId}/${id}`, debounce.key);
    gates.push((scope) => ({ kind: 'debounce', key: keyOf(scope), delayMs: debounce.delayMs }));
  }
  if (throttle) {
    const keyOf = prepareKey(`${workflowId}/${id}`, throttle.key);
    const { limit, perMs } = throttle;
    gates.push((scope) => ({ kind: 'throttle', key: keyOf(scope), limit, perMs }));
  }
  return gates;
}

/** What the trigger's type asks for. No key of the workflow's own limit looks like this one: those go on with a slash. */
function typeGate(workflowId: string, { id, type, config }: NodeDefinition, nodeTypes: NodeTypes): readonly GateOf[] {
  const nodeType = nodeTypes.get(type);
  const concurrency = nodeType?.runs === 'trigger' ? nodeType.concurrencyOf?.(config) : undefined;
  return concurrency ? [() => ({ kind: 'concurrency', key: `${workflowId}:${id}`, ...concurrency })] : [];
}

/** Unique in the installation by its prefix; any JSON value does for the rest. */
function prepareKey(prefix: string, template: string | undefined): (scope: Scope) => string {
  if (template === undefined) return () => prefix;
  const compiled = compileTemplate(template);
  if (compiled.kind === 'refused') throw new InvariantError(`the key "${template}" was accepted and does not parse`);
  return (scope) => `${prefix}/${textOf(compiled.template.evaluate(scope))}`;
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}
