import type { JetStreamManager } from '@nats-io/jetstream';
import { Inject, Injectable } from '@nestjs/common';
import { LogUnavailableError } from '#libs/event-sourcing';
import { MillraceError } from '#libs/kernel';
import {
  appliedSequence,
  findWorkflowsUsing,
  ReadModelProgress,
  type Database,
  type NamedThing,
} from '#libs/read-models';
import { LOG_MANAGER, WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { DATABASE } from './tokens.ts';

export interface UsingWorkflow {
  readonly id: string;
  readonly name: string;
}

/** Knows which workflows need something that they name. */
export abstract class WorkflowUsage {
  /** Active workflows whose active version names it. Throws a MillraceError when that can't be told now. */
  abstract workflowsUsing(workspaceId: string, named: NamedThing): Promise<readonly UsingWorkflow[]>;
}

/** From the read model of workflow versions, once that has come to all that there is. */
@Injectable()
export class WorkflowUsageInReadModel extends WorkflowUsage {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    private readonly progress: ReadModelProgress,
  ) {
    super();
  }

  /** Throws `READ_MODEL_BEHIND`: a workflow that was just activated would be missed. */
  async workflowsUsing(workspaceId: string, named: NamedThing): Promise<readonly UsingWorkflow[]> {
    if (!(await this.#isLevel())) throw readModelBehind();
    return findWorkflowsUsing(this.database, workspaceId, named);
  }

  /** What this process has not heard of, the checkpoint tells. */
  async #isLevel(): Promise<boolean> {
    for (const { name } of this.log.layout.streams) {
      const last = await this.#lastSequence(name);
      if ((await appliedSequence(this.database, name)) >= last) continue;
      if (!(await this.progress.waitFor(name, last))) return false;
    }
    return true;
  }

  async #lastSequence(stream: string): Promise<number> {
    try {
      return (await this.manager.streams.info(stream)).state.last_seq;
    } catch (cause) {
      throw new LogUnavailableError('the log did not say what the newest change of workflows is', { cause });
    }
  }
}

function readModelBehind(): MillraceError {
  const message =
    'the newest changes of workflows are not in the read models yet, so whether one uses this is not known; try again';
  return new MillraceError('unavailable', 'READ_MODEL_BEHIND', message, { retryAfterMs: 1_000 });
}

/** For who wants to delete what they use; `what` in words. */
export function inUse(code: string, what: string, workflows: readonly UsingWorkflow[]): MillraceError {
  const message = `active workflows use this ${what}; deactivate them, or activate versions that do without, and then delete it`;
  return new MillraceError('conflict', code, message, {
    problems: workflows.map(({ id, name }) => ({ path: id, message: `the active workflow "${name}" uses it` })),
  });
}
