import { Inject, Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import {
  findCalls,
  findExecutionIds,
  findWebhook,
  type CallSpan,
  type Database,
  type ExecutionSearch,
} from '#libs/read-models';
import type { Plan, PlannedNode } from '#libs/workflow-definition';
import { calledTypesIn, isCalled } from '../node-types/called-types.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';

/** What jobs are done to. */
@Injectable()
export class FindTargets {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
  ) {}

  /** Of the newest that match: the oldest first. */
  executions(search: ExecutionSearch, limit: number): Promise<string[]> {
    return findExecutionIds(this.database, search, limit);
  }

  /** The calls of a webhook, the oldest first. */
  async calls(
    workspaceId: string,
    webhookId: string,
    span: Omit<CallSpan, 'calledTypes'>,
  ): Promise<readonly { readonly id: string; readonly createdAtMs: number }[]> {
    const webhook = await findWebhook(this.database, workspaceId, webhookId);
    if (!webhook) throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${webhookId}`);
    return findCalls(this.database, webhook, { ...span, calledTypes: calledTypesIn(this.nodeTypes) });
  }

  /** Where what was called is to begin; without a node, at the first that is called. */
  triggerFor(plan: Plan, nodeId: string | undefined): PlannedNode {
    const triggers = [...plan.nodes.values()].filter(({ runs }) => runs === 'trigger');
    const trigger =
      nodeId === undefined
        ? (triggers.find(({ type }) => isCalled(this.nodeTypes, type)) ?? triggers[0])
        : triggers.find(({ id }) => id === nodeId);
    if (trigger) return trigger;
    const message = nodeId === undefined ? 'the workflow has no trigger' : `the workflow has no trigger ${nodeId}`;
    throw new MillraceError('refused', 'NO_TRIGGER', message);
  }
}
