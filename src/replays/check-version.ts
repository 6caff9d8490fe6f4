import { Inject, Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { DEFAULT_LIMITS, type Difference, type Replay } from '#libs/execution-replay';
import { MillraceError, type Clock, type ExecutionId, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import { listExecutions, type Database, type ExecutionRecord } from '#libs/read-models';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import type { CheckedExecution, VersionCheck } from './replay-view.ts';
import { Recordings } from './recordings.ts';
import { ReplayExecution } from './replay-execution.ts';

export interface AskedCheck {
  readonly workspaceId: WorkspaceId;
  readonly workflowId: WorkflowId;
  readonly version: number;
  /** Executions to hold it against. */
  readonly last: number;
}

/** A caller waits for the answer, and proxies for no longer. */
const MAX_MS = 20_000;
const PAGE = 100;
/** Dry runs and executions that are not over are passed by; of a workflow that has hardly anything else, not for ever. */
const MAX_PASSED_BY = 5_000;
/** Of one execution; the answer may be about a thousand. */
const DIFFERENCES_TOLD = 10;
const LIMITS = { ...DEFAULT_LIMITS, valueLength: 256 };

/** Holds a version against the last executions of its workflow, before anybody activates it. */
@Injectable()
export class CheckVersion {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly recordings: Recordings,
    private readonly replays: ReplayExecution,
  ) {}

  /** One execution after the other, so that memory holds one history and others get their turn. */
  async execute(asked: AskedCheck): Promise<VersionCheck> {
    await this.replays.ensureVersion(asked.workspaceId, asked.workflowId, asked.version);
    const endMs = this.clock.nowMs() + MAX_MS;
    const executions: CheckedExecution[] = [];
    let isCut = false;
    for await (const record of this.#lastReal(asked)) {
      if (this.clock.nowMs() > endMs) {
        isCut = true;
        break;
      }
      executions.push(await this.#check(record, asked));
      await setImmediate();
    }
    return { ...countsOf(executions), isCut, executions: executions.toSorted(byUrgency) };
  }

  /** Newest first, of those that are over and had effects. */
  async *#lastReal({ workspaceId, workflowId, last }: AskedCheck): AsyncGenerator<ExecutionRecord> {
    let after: ExecutionRecord | undefined;
    let found = 0;
    for (let passedBy = 0; passedBy <= MAX_PASSED_BY;) {
      const query = { workspaceId, workflowId, limit: PAGE, ...(after ? { after } : {}) };
      const page = await listExecutions(this.database, query);
      for (const record of page) {
        if (!isReal(record)) passedBy++;
        else if (found++ < last) yield record;
        else return;
      }
      after = page.at(-1);
      if (page.length < PAGE || found >= last) return;
    }
  }

  async #check(record: ExecutionRecord, { workspaceId, version }: AskedCheck): Promise<CheckedExecution> {
    const { id: executionId, workflowVersion } = record;
    const told = { executionId, workflowVersion };
    try {
      const recording = await this.recordings.read(workspaceId, executionId as ExecutionId);
      return { ...told, ...toldOf(await this.replays.against(recording, version, LIMITS)) };
    } catch (error) {
      if (!(error instanceof MillraceError) || error.kind === 'unavailable') throw error;
      const { code, message } = error;
      return { ...told, same: false, takesAnotherPath: false, ...NOTHING, notReplayable: { code, message } };
    }
  }
}

const NOTHING = { differences: [], isCut: false };

function isReal({ finishedAt, mode }: ExecutionRecord): boolean {
  return finishedAt !== undefined && mode !== 'dry';
}

function toldOf(replayed: Replay): Omit<CheckedExecution, 'executionId' | 'workflowVersion'> {
  if (replayed.same) return { same: true, takesAnotherPath: false, ...NOTHING };
  const differences = replayed.differences.toSorted((one, other) => Number(isPath(other)) - Number(isPath(one)));
  return {
    same: false,
    takesAnotherPath: differences.some(isPath),
    differences: differences.slice(0, DIFFERENCES_TOLD),
    isCut: replayed.isCut || differences.length > DIFFERENCES_TOLD,
  };
}

function isPath({ kind }: Difference): boolean {
  return kind === 'path';
}

function countsOf(executions: readonly CheckedExecution[]): Omit<VersionCheck, 'executions' | 'isCut'> {
  const notReplayable = executions.filter((one) => one.notReplayable).length;
  const same = executions.filter((one) => one.same).length;
  const checked = executions.length;
  return { checked, same, different: checked - same - notReplayable, notReplayable };
}

/** Those that would take another path first, then others that differ, then those that nothing can be said of; newest first among them. */
function byUrgency(one: CheckedExecution, other: CheckedExecution): number {
  return urgencyOf(other) - urgencyOf(one);
}

function urgencyOf({ same, takesAnotherPath, notReplayable }: CheckedExecution): number {
  if (takesAnotherPath) return 3;
  if (same) return 0;
  return notReplayable ? 1 : 2;
}
