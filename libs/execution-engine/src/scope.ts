import type { JsonValue } from '#libs/kernel';
import type { Scope } from '#libs/expressions';
import type { Plan } from '#libs/workflow-definition';
import { valueOf, type StoredValues } from './payload.ts';
import { outputOf, type StartedExecution } from './state.ts';

/** What the expressions of an execution see at this point of its history. */
export function scopeOf(
  executionId: string,
  state: StartedExecution,
  { plan, stored, at }: { plan: Plan; stored: StoredValues; at: string },
): Scope {
  const nodes = Object.create(null) as Record<string, { output: JsonValue }>;
  for (const id of Object.keys(state.nodes)) {
    const output = outputOf(state, id);
    if (output) nodes[id] = { output: valueOf(output, stored) };
  }
  return {
    trigger: valueOf(state.input, stored),
    nodes,
    execution: { id: executionId, startedAt: state.startedAt ?? at },
    workflow: { id: plan.workflowId, version: plan.version, name: plan.name },
    vars: {},
  };
}
