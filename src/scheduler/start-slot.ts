import { Inject, Injectable } from '@nestjs/common';
import { ConcurrencyConflict } from '#libs/event-sourcing';
import { ExecutionJournal, PlanCache } from '#libs/execution-runtime';
import type { JsonObject } from '#libs/kernel';
import { scheduleTriggerConfigSchema } from '#libs/nodes';
import type { SlotStart } from '#libs/schedule';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { StartInput } from '../variables/start-input.ts';
import { StartedBefore } from './started-before.ts';
import { findDefinition } from '../workflows/load-plan.ts';

/** Starts the execution of a slot. Its id follows from the slot, so that it is one however often it is asked for. */
@Injectable()
export class StartSlot {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly plans: PlanCache,
    private readonly startInput: StartInput,
    private readonly before: StartedBefore,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
  ) {}

  async start(slot: SlotStart): Promise<void> {
    if (await this.before.has(slot)) return;
    const { executionId, workspaceId, workflowId, version, nodeId, readsVariables, priority } = slot;
    const variables = readsVariables ? (await this.plans.planOf(workflowId, version)).variables : [];
    const command = {
      type: 'StartExecution',
      ...{ workspaceId, workflowId, workflowVersion: version, priority },
      trigger: { type: 'trigger.schedule', nodeId },
      ...(await this.startInput.of(executionId, await this.#outputOf(slot), { workspaceId, variables })),
    } as const;
    await this.journal.start(executionId, command).catch((error: unknown) => {
      if (!(error instanceof ConcurrencyConflict)) throw error;
    });
  }

  /** What the trigger gives; section 7 of the contract. */
  async #outputOf(slot: SlotStart): Promise<JsonObject> {
    const { scheduledFor, firedAt, missed, hasPayload, workflowId, version, nodeId } = slot;
    const output = { scheduledFor, firedAt, missed };
    if (!hasPayload) return output;
    const definition = await findDefinition(this.workflows.store, workflowId, version);
    const node = definition?.nodes.find(({ id }) => id === nodeId);
    const { payload } = scheduleTriggerConfigSchema.parse(node?.config);
    return payload === undefined ? output : { ...output, body: payload };
  }
}
