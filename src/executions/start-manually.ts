import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import type { StartExecution } from '#libs/execution-engine';
import { ExecutionJournal, Payloads, PlanCache } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId, type JsonValue, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { noteChange } from '../platform/audit/change-notes.ts';
import { triggerOf } from './trigger-of.ts';
import { StartInput } from '../variables/start-input.ts';
import { versionIn } from '../workflows/version-in.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';

export interface ManualStart {
  readonly workspaceId: WorkspaceId;
  readonly workflowId: WorkflowId;
  readonly actor: Actor;
  /** The trigger's body; null when left out. */
  readonly input: JsonValue;
  /** Default: the active version, else the latest. */
  readonly version?: number;
  readonly mode?: 'dry';
  /** By node id, outputs that stand for those of the nodes, which do not run. */
  readonly pins?: Readonly<Record<string, JsonValue>>;
}

/** A person starts a workflow. It runs from its manual trigger, or from its first trigger when it has no manual one. */
@Injectable()
export class StartManually {
  constructor(
    private readonly workflows: WorkflowJournal,
    private readonly plans: PlanCache,
    private readonly startInput: StartInput,
    private readonly journal: ExecutionJournal,
    private readonly payloads: Payloads,
  ) {}

  /**
   * Resolves when the log has it. `already`: an earlier run of the same request had started it, before its process died
   * or the log's answer was lost; ids are never shared otherwise.
   */
  async start(executionId: ExecutionId, asked: ManualStart): Promise<'started' | 'already'> {
    const { workspaceId, workflowId, input, actor } = asked;
    const plan = await this.plans.planOf(workflowId, await this.#versionOf(asked));
    const { variables } = plan;
    const command = {
      type: 'StartExecution',
      workspaceId,
      workflowId,
      workflowVersion: plan.version,
      trigger: { type: 'trigger.manual', nodeId: triggerOf(plan).id },
      ...(await this.startInput.of(executionId, { body: input }, { workspaceId, variables })),
      priority: plan.settings.priority,
      ...(asked.mode ? { mode: asked.mode } : {}),
      ...(await this.#pinsOf(executionId, plan, asked.pins)),
    } as const;
    const { workflowVersion } = command;
    noteChange({ target: executionId, after: { workflowId, workflowVersion, mode: asked.mode ?? 'live' } });
    try {
      await this.journal.start(executionId, command, actor);
      return 'started';
    } catch (error) {
      if (error instanceof ConcurrencyConflict) return 'already';
      throw error;
    }
  }

  async #pinsOf(
    executionId: ExecutionId,
    plan: Plan,
    pins: ManualStart['pins'] = {},
  ): Promise<Pick<StartExecution, 'pins'>> {
    const pinned = Object.entries(pins);
    if (pinned.length === 0) return {};
    const unknown = pinned.filter(([nodeId]) => !plan.nodes.has(nodeId));
    if (unknown.length > 0) {
      throw new MillraceError('refused', 'UNKNOWN_NODE', 'pins names nodes that the workflow version does not have', {
        problems: unknown.map(([nodeId]) => ({ path: `pins.${nodeId}`, message: 'there is no such node' })),
      });
    }
    const payloads = await Promise.all(
      pinned.map(async ([nodeId, output]) => [nodeId, await this.payloads.toPayload(executionId, output)] as const),
    );
    return { pins: Object.fromEntries(payloads) };
  }

  async #versionOf({ workspaceId, workflowId, version }: ManualStart): Promise<number> {
    const { record } = await this.workflows.read(workspaceId, workflowId);
    if (!record) throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
    return versionIn(record, version);
  }
}
