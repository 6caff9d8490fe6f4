import { InvariantError } from '#libs/kernel';
import type { PlannedEngineNode, PlannedExecutorNode, PlannedInner, PlannedNode } from '#libs/workflow-definition';
import type { DecisionContext } from './decision-context.ts';

type InPlan = Pick<DecisionContext, 'plan'>;

export function plannedNode({ plan }: InPlan, nodeId: string): PlannedNode {
  const node = plan.nodes.get(nodeId);
  if (!node) throw new InvariantError(`${nodeId} is not in version ${plan.version} of ${plan.workflowId}`);
  return node;
}

export function executorNode(context: InPlan, nodeId: string): PlannedExecutorNode {
  const node = plannedNode(context, nodeId);
  if (node.runs !== 'executor')
    throw new InvariantError(`${nodeId} of ${context.plan.workflowId} is not run by an executor`);
  return node;
}

export function loopNode(context: InPlan, nodeId: string): PlannedEngineNode & { readonly inner: PlannedInner } {
  const node = plannedNode(context, nodeId);
  if (node.runs === 'engine' && node.inner) return { ...node, inner: node.inner };
  throw new InvariantError(`${nodeId} of ${context.plan.workflowId} does not loop`);
}
