import type { JsonObject, JsonValue } from '#libs/kernel';
import type { Fault, Priority } from './events.ts';
import type { OwnPayload } from './payload.ts';

export type StartExecution = {
  readonly type: 'StartExecution';
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly trigger: { readonly type: string; readonly nodeId: string };
  readonly input: OwnPayload;
  readonly priority: Priority;
  /** Workspace variables as they are now: those that exist of what the workflow version reads; absent when it reads none. */
  readonly vars?: JsonObject;
};

/** How one attempt failed, as its executor saw it. */
export interface AttemptFailure extends Fault {
  readonly retryable: boolean;
  /** The other side asked for at least this much time before the next attempt. */
  readonly retryAfterMs?: number;
}

export type ExecutionCommand =
  | StartExecution
  /** The start task reached a worker: do all that can be done now. */
  | { readonly type: 'BeginExecution' }
  | { readonly type: 'RecordSuccess'; readonly nodeId: string; readonly attempt: number; readonly output: JsonValue }
  | {
      readonly type: 'RecordFailure';
      readonly nodeId: string;
      readonly attempt: number;
      readonly failure: AttemptFailure;
    }
  | { readonly type: 'FireTimer'; readonly timerId: string };
