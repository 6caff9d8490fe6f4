import { Inject, Injectable } from '@nestjs/common';
import type { StartedExecution } from '#libs/execution-engine';
import { KnownStates, PlanCache } from '#libs/execution-runtime';
import { MillraceError, tryParseId } from '#libs/kernel';
import { nodeTypeNameOf, type NodeTypes } from '#libs/node-kit';
import { findUnaccepted, type Database } from '#libs/read-models';
import { executionIdOf } from '#libs/webhook-deliveries';
import type { Plan } from '#libs/workflow-definition';
import { isCalled } from '../node-types/called-types.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';

/** A call that was accepted, as far as it can be sent again. */
export interface AcceptedCall {
  /** Of the call from outside, also when this one was itself sent again. */
  readonly firstExecutionId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  /** Of the node when it was called. */
  readonly triggerType: string;
  /** The trigger's output. */
  readonly input: StartedExecution['input'];
}

/** Finds calls that were accepted, and what they would lead to now. */
@Injectable()
export class AcceptedCalls {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly states: KnownStates,
    private readonly workflows: WorkflowJournal,
    private readonly plans: PlanCache,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
  ) {}

  /** Throws `NOT_REDELIVERABLE` for a call that was not accepted, of which nothing is kept. */
  async find(workspaceId: string, deliveryId: string): Promise<AcceptedCall> {
    if (tryParseId('delivery', deliveryId) === undefined) throw deliveryNotFound(deliveryId);
    const executionId = executionIdOf(deliveryId);
    const { state } = await this.states.read(executionId, { fresh: true });
    if (state.status !== 'none' && state.workspaceId === workspaceId && isCalled(this.nodeTypes, state.trigger.type)) {
      const { workflowId, trigger, input, origin } = state;
      const firstExecutionId = origin?.kind === 'redelivery' ? origin.executionId : executionId;
      return { firstExecutionId, workflowId, nodeId: trigger.nodeId, triggerType: trigger.type, input };
    }
    if (!(await findUnaccepted(this.database, workspaceId, deliveryId))) throw deliveryNotFound(deliveryId);
    const message = 'the call was not accepted, and nothing of what it carried is kept';
    throw new MillraceError('conflict', 'NOT_REDELIVERABLE', message);
  }

  /** The version that its webhook answers to. Throws `WEBHOOK_INACTIVE` when it answers to none. */
  async planFor(
    workspaceId: string,
    { workflowId, nodeId }: Pick<AcceptedCall, 'workflowId' | 'nodeId'>,
  ): Promise<Plan> {
    const { record } = await this.workflows.read(workspaceId, workflowId);
    const version = record?.activeVersion ?? null;
    const plan = version === null ? undefined : await this.plans.planOf(workflowId, version);
    if (plan && isCalled(this.nodeTypes, plan.nodes.get(nodeId)?.type ?? '')) return plan;
    throw webhookInactive();
  }
}

/**
 * The type of the trigger that the call is for now: that of then, or another version of it. Throws `WEBHOOK_INACTIVE` where
 * another kind of trigger has taken its place, whose output is a different one.
 */
export function triggerTypeFor({ nodeId, triggerType }: AcceptedCall, { nodes }: Plan): string {
  const type = nodes.get(nodeId)?.type ?? '';
  if (nodeTypeNameOf(type).name === nodeTypeNameOf(triggerType).name) return type;
  throw webhookInactive();
}

function webhookInactive(): MillraceError {
  const message = 'its webhook is not active: activate a version of the workflow that has the node';
  return new MillraceError('conflict', 'WEBHOOK_INACTIVE', message);
}

export function deliveryNotFound(deliveryId: string): MillraceError {
  return new MillraceError('notFound', 'DELIVERY_NOT_FOUND', `there is no delivery ${deliveryId}`);
}
