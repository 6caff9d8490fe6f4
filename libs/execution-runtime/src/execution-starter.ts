import type { Files, Origin } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';

/** Starts executions on behalf of others. */
export interface ExecutionStarter {
  /**
   * The execution that follows from `seed`: the same one however often it is asked for. Throws a terminal NodeError when
   * the workspace has no such workflow, or it can't be started.
   */
  start(asked: {
    readonly workspaceId: string;
    readonly workflowId: string;
    readonly input: JsonValue;
    /** That the input may name. */
    readonly files?: Files;
    readonly origin: Origin;
    readonly seed: string;
  }): Promise<{ readonly executionId: string }>;
}
