import type { JsonValue } from '#libs/kernel';
import type { Scope } from '#libs/expressions';
import type { Plan } from '#libs/workflow-definition';
import { valueOf, type StoredValues } from './payload.ts';
import { outputOf, type StartedExecution } from './state.ts';

/** A scope that outputs can be added to; nobody but its maker may. */
export interface GrowingScope extends Scope {
  readonly nodes: Record<string, { readonly output: JsonValue }>;
}

/** What the expressions of an execution see at this point of its history. */
export function scopeOf(
  executionId: string,
  state: StartedExecution,
  { plan, stored, at }: { plan: Plan; stored: StoredValues; at: string },
): GrowingScope {
  let nodes: GrowingScope['nodes'] | undefined;
  return {
    trigger: valueOf(state.input, stored),
    // Of a thousand nodes all outputs cost more than most attempts, and few expressions ask for one.
    get nodes() {
      return (nodes ??= outputsIn(state, stored));
    },
    execution: { id: executionId, startedAt: state.startedAt ?? at },
    workflow: { id: plan.workflowId, version: plan.version, name: plan.name },
    vars: state.vars ?? {},
  };
}

function outputsIn(state: StartedExecution, stored: StoredValues): GrowingScope['nodes'] {
  const nodes = Object.create(null) as GrowingScope['nodes'];
  for (const id of Object.keys(state.nodes)) addOutput({ nodes }, id, state, { stored });
  return nodes;
}

/** Lets expressions see what the node has given; nothing when it has given nothing yet. */
export function addOutput(
  { nodes }: Pick<GrowingScope, 'nodes'>,
  nodeId: string,
  state: StartedExecution,
  { stored }: { stored: StoredValues },
): void {
  const output = outputOf(state, nodeId);
  if (output) nodes[nodeId] = { output: valueOf(output, stored) };
}
