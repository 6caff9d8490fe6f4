import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict } from '#libs/event-sourcing';
import { ExecutionJournal, PlanCache, type ExecutionStarter } from '#libs/execution-runtime';
import { MillraceError } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import type { Plan } from '#libs/workflow-definition';
import { derivedId } from '../platform/ids.ts';
import { StartInput } from '../variables/start-input.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import { triggerOf } from './trigger-of.ts';

type Asked = Parameters<ExecutionStarter['start']>[0];

/** What lists show as the trigger of an execution that another one started. */
const TRIGGER_TYPES = {
  retry: 'retry',
  fork: 'fork',
  backfill: 'backfill',
  child: 'subworkflow',
  errorWorkflow: 'errorWorkflow',
  redrive: 'redrive',
  redelivery: 'trigger.webhook',
} as const;

/** Starts a workflow because another execution wishes it: its active version, else its latest. */
@Injectable()
export class StartForExecution implements ExecutionStarter {
  constructor(
    private readonly workflows: WorkflowJournal,
    private readonly plans: PlanCache,
    private readonly startInput: StartInput,
    private readonly journal: ExecutionJournal,
  ) {}

  async start(asked: Asked): Promise<{ readonly executionId: string }> {
    const { workspaceId, workflowId, origin, seed, input, files } = asked;
    const plan = await this.#planOf(asked);
    const executionId = derivedId('execution', 0, createHash('sha256').update(seed).digest());
    const { variables } = plan;
    const command = {
      type: 'StartExecution',
      workspaceId,
      workflowId,
      workflowVersion: plan.version,
      trigger: { type: TRIGGER_TYPES[origin.kind], nodeId: triggerIn(plan) },
      ...(await this.startInput.of(executionId, { body: input }, { workspaceId, variables })),
      ...(files ? { files } : {}),
      priority: plan.settings.priority,
      origin,
    } as const;
    await this.journal.start(executionId, command).catch((error: unknown) => {
      // It was started before, by an attempt that could not say so any more.
      if (!(error instanceof ConcurrencyConflict)) throw error;
    });
    return { executionId };
  }

  async #planOf({ workspaceId, workflowId }: Asked): Promise<Plan> {
    const { record } = await this.workflows.read(workspaceId, workflowId);
    if (record) return this.plans.planOf(workflowId, record.activeVersion ?? record.latestVersion);
    const message = `the workspace has no workflow ${workflowId}; it may have been deleted`;
    throw new NodeError('WORKFLOW_NOT_FOUND', message, { retryable: false });
  }
}

function triggerIn(plan: Plan): string {
  try {
    return triggerOf(plan).id;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new NodeError('WORKFLOW_NOT_STARTABLE', error.message, { retryable: false });
  }
}
