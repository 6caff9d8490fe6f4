import { MillraceError } from '#libs/kernel';
import type { Plan, PlannedNode } from '#libs/workflow-definition';

/** Where an execution begins that no trigger of its own started: at the manual trigger, or at the first that there is. */
export function triggerOf(plan: Plan): PlannedNode {
  const triggers = [...plan.nodes.values()].filter((node) => node.runs === 'trigger');
  const trigger = triggers.find((node) => node.type === 'trigger.manual') ?? triggers[0];
  if (trigger) return trigger;
  throw new MillraceError(
    'refused',
    'NO_TRIGGER',
    'the workflow has no trigger to start from; give it one, such as trigger.manual (PUT /v1/workflows/:id)',
  );
}
