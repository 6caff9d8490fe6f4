import type { EventStore } from '#libs/event-sourcing';
import { InvariantError } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { planWorkflow, type Plan, type WorkflowDefinition, type WorkflowEvent } from '#libs/workflow-definition';

/** The plan of a published version, from the workflow's history. */
export async function loadPlan(
  store: EventStore<WorkflowEvent>,
  nodeTypes: NodeTypes,
  { workflowId, version }: { workflowId: string; version: number },
): Promise<Plan> {
  const definition = await findDefinition(store, workflowId, version);
  if (!definition) throw new InvariantError(`${workflowId} has no version ${version}`);
  return planWorkflow({ workflowId, version, definition, nodeTypes });
}

export async function findDefinition(
  store: EventStore<WorkflowEvent>,
  workflowId: string,
  version: number,
): Promise<WorkflowDefinition | undefined> {
  for await (const commit of store.readHistory(workflowId)) {
    for (const event of commit.events) {
      if (event.type === 'WorkflowVersionPublished' && event.data.version === version) return event.data.definition;
    }
  }
  return undefined;
}
