import {
  isTerminal,
  reasonsToWait,
  type PlanSource,
  type StartedExecution,
  type WaitReason,
} from '#libs/execution-engine';
import type { KnownStates } from '#libs/execution-runtime';
import { isAway } from '../platform/away.ts';

/** An execution that is not over, as it was at one moment. */
export interface OpenCase {
  readonly kind: 'open';
  readonly executionId: string;
  /** Of its last event, and the place of its last commit. */
  readonly version: number;
  readonly sequence: number;
  readonly state: StartedExecution;
  readonly reasons: readonly WaitReason[];
}

/** One that no worker can go on with either: its history, or that of its workflow, can't be read. */
export interface UnreadableCase {
  readonly kind: 'unreadable';
  readonly executionId: string;
  readonly version: 0;
  readonly message: string;
}

export type Case = OpenCase | UnreadableCase;

export interface CaseReaderParts {
  readonly states: KnownStates;
  readonly plans: PlanSource;
  /** Only executions of this workspace. */
  readonly workspaceId?: string;
}

export class CaseReader {
  constructor(private readonly parts: CaseReaderParts) {}

  /** Undefined when it is over, or of another workspace. `fresh` asks the log's leader. Throws when the log is away. */
  async read(executionId: string, options: { readonly fresh: boolean }): Promise<Case | undefined> {
    try {
      return await this.#read(executionId, options);
    } catch (error) {
      if (isAway(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'unreadable', executionId, version: 0, message };
    }
  }

  async #read(executionId: string, options: { readonly fresh: boolean }): Promise<OpenCase | undefined> {
    const { states, plans, workspaceId } = this.parts;
    const { state, version, sequence } = await states.read(executionId, options);
    if (state.status === 'none' || isTerminal(state)) return undefined;
    if (workspaceId !== undefined && state.workspaceId !== workspaceId) return undefined;
    const plan = await plans.planOf(state.workflowId, state.workflowVersion);
    const reasons = reasonsToWait(executionId, state, plan);
    return { kind: 'open', executionId, version, sequence, state, reasons };
  }
}
