import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import type { Kept, Origin, OwnPayload, StartExecution } from '#libs/execution-engine';
import { ExecutionJournal, PlanCache } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { StartInput } from '../variables/start-input.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { versionIn } from '../workflows/version-in.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import type { PastExecution } from './past-execution.ts';

/** What a new execution goes on with. */
export interface Continuation {
  readonly from: PastExecution;
  readonly plan: Plan;
  readonly kept: Kept;
  readonly origin: Extract<Origin, { readonly kind: 'retry' | 'fork' }>;
  readonly actor: Actor;
  /** In place of the recorded one. */
  readonly input?: OwnPayload;
  /** Beside those of the execution that it goes on from. */
  readonly pins?: Readonly<Record<string, OwnPayload>>;
}

/** Starts executions that go on from a point of another one's history. */
@Injectable()
export class ContinueExecution {
  constructor(
    private readonly workflows: WorkflowJournal,
    private readonly plans: PlanCache,
    private readonly startInput: StartInput,
    private readonly journal: ExecutionJournal,
  ) {}

  /**
   * The plan that the execution ran by, and that of a version of its workflow: the same, the latest, or a number. Throws
   * `WORKFLOW_DELETED`, or `WORKFLOW_VERSION_NOT_FOUND`.
   */
  async plansFor(
    { state }: PastExecution,
    wanted: 'same' | 'latest' | number,
  ): Promise<{ readonly before: Plan; readonly plan: Plan }> {
    const { workspaceId, workflowId, workflowVersion } = state;
    const { record } = await this.workflows.read(workspaceId, workflowId);
    if (!record)
      throw new MillraceError('conflict', 'WORKFLOW_DELETED', 'its workflow is deleted, and nothing of it runs again');
    const version = wanted === 'same' ? workflowVersion : wanted === 'latest' ? record.latestVersion : wanted;
    const [before, plan] = await Promise.all([
      this.plans.planOf(workflowId, workflowVersion),
      this.plans.planOf(workflowId, versionIn(record, version)),
    ]);
    return { before, plan };
  }

  /** Resolves when the log has it. Throws `NO_SUCH_TRIGGER` when the version lacks the node that the execution began at. */
  async start(executionId: ExecutionId, continuation: Continuation): Promise<void> {
    const { origin, plan } = continuation;
    noteChange({ target: executionId, after: { from: origin.executionId, workflowVersion: plan.version } });
    try {
      await this.journal.start(executionId, await this.#commandFor(continuation), continuation.actor);
    } catch (error) {
      // The same request was carried out before, and its process died before it could say so.
      if (!(error instanceof ConcurrencyConflict)) throw error;
    }
  }

  async #commandFor({ from, plan, kept, origin, input, pins }: Continuation): Promise<StartExecution> {
    const { state } = from;
    const { workspaceId, workflowId, trigger, priority, mode } = state;
    ensureTrigger({ plan, from });
    const allPins = { ...state.pins, ...pins };
    return {
      type: 'StartExecution',
      workspaceId,
      workflowId,
      workflowVersion: plan.version,
      trigger: { type: origin.kind, nodeId: trigger.nodeId },
      ...(await this.#given(from, plan, input ?? state.input)),
      priority,
      origin,
      ...(mode ? { mode } : {}),
      ...(Object.keys(allPins).length > 0 ? { pins: allPins } : {}),
      kept,
    };
  }

  /** Variables are those of then, as long as it runs by the version that read them. */
  async #given(
    { state: { vars, files, workflowVersion, workspaceId } }: PastExecution,
    { version, variables }: Plan,
    input: OwnPayload,
  ): Promise<Pick<StartExecution, 'input' | 'vars' | 'files'>> {
    const given = files ? { input, files } : { input };
    if (version !== workflowVersion) return this.startInput.again(given, { workspaceId, variables });
    return vars ? { ...given, vars } : given;
  }
}

/** Throws `NO_SUCH_TRIGGER` when the version lacks the node that the execution began at. */
export function ensureTrigger({ plan, from }: Pick<Continuation, 'plan' | 'from'>): void {
  const { nodeId } = from.state.trigger;
  if (plan.nodes.get(nodeId)?.runs === 'trigger') return;
  const message = `version ${plan.version} has no trigger ${nodeId}, where the execution began`;
  throw new MillraceError('refused', 'NO_SUCH_TRIGGER', message);
}
