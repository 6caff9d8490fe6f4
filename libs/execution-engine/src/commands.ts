import type { JsonObject, JsonValue } from '#libs/kernel';
import type { ResponseDrift } from '#libs/node-kit';
import type { Files, Kept, Origin, Priority } from './events.ts';
import type { Fault } from './fault-shape.ts';
import type { PutBack } from './node-events.ts';
import type { OwnPayload } from './payload.ts';

export type StartExecution = {
  readonly type: 'StartExecution';
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly trigger: { readonly type: string; readonly nodeId: string };
  readonly input: OwnPayload;
  readonly files?: Files;
  readonly priority: Priority;
  /** Workspace variables as they are now: those that exist of what the workflow version reads; absent when it reads none. */
  readonly vars?: JsonObject;
  readonly origin?: Origin;
  readonly mode?: 'dry';
  readonly pins?: Readonly<Record<string, OwnPayload>>;
  /** Of the execution that it goes on with. */
  readonly kept?: Kept;
};

/** How one attempt failed, as its executor saw it. */
export interface AttemptFailure extends Fault {
  readonly retryable: boolean;
  /** What came of it on the other side is not known, and it must not be done twice. */
  readonly inDoubt?: true;
  /** The other side asked for at least this much time before the next attempt. */
  readonly retryAfterMs?: number;
  /** The destination whose limit refused it, before anything was done that must not be done twice: no attempt is used up by that. */
  readonly limitedAt?: string;
}

/** What came of one item of a batch. */
export type ItemOutcome = { readonly index: number } & (
  | { readonly kind: 'succeeded'; readonly output: JsonValue; readonly drift?: readonly ResponseDrift[] }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
);

/** How an execution ended, for the node that waits for it. */
export type ChildEnd =
  { readonly kind: 'succeeded'; readonly output: JsonValue } | { readonly kind: 'failed'; readonly error: Fault };

interface OfAttempt {
  readonly nodeId: string;
  readonly attempt: number;
}
interface OfBatch extends OfAttempt {
  readonly batch: number;
}

export type ExecutionCommand =
  | StartExecution
  /** The start task reached a worker: do all that can be done now. */
  | { readonly type: 'BeginExecution' }
  /** The gate lets the execution pass, holds it, or turns it away. */
  | { readonly type: 'PassGate'; readonly gate: number }
  | { readonly type: 'HoldAtGate'; readonly gate: number; readonly until?: string }
  | ({ readonly type: 'BeginAttempt' } & OfAttempt & { readonly by: string })
  | ({ readonly type: 'RecordSuccess' } & OfAttempt & {
        readonly output: JsonValue;
        /** Where answers were not as they should be. */
        readonly drift?: readonly ResponseDrift[];
      })
  | ({ readonly type: 'RecordFailure' } & OfAttempt & {
        readonly failure: AttemptFailure;
        /** How often the attempt had been put back when it was made; absent for never. */
        readonly putBacks?: number;
      })
  /** The destination takes no attempt before `dueAt`; none is used up. */
  | ({ readonly type: 'PostponeAttempt' } & OfAttempt & PutBack)
  /** Whoever began the attempt is gone, and nobody knows what came of it. */
  | ({ readonly type: 'RecordInterruption' } & OfAttempt)
  /** The attempt goes on in an execution of its own. */
  | ({ readonly type: 'AwaitExecution' } & OfAttempt & { readonly batch?: number; readonly executionId: string })
  | {
      readonly type: 'RecordChildEnd';
      readonly nodeId: string;
      readonly attempt: number;
      readonly batch?: number;
      readonly executionId: string;
      readonly end: ChildEnd;
    }
  /** `postponed`: the items that no outcome is told of were not begun. */
  | ({ readonly type: 'RecordBatch' } & OfBatch & {
        readonly outcomes: readonly ItemOutcome[];
        readonly postponed?: PutBack;
      })
  /** What a person says came of an attempt that is in doubt. */
  | ({ readonly type: 'SettleAttempt' } & OfAttempt & { readonly verdict: Verdict })
  /** With `nodeId` for that node alone, and nothing when it does not wait. */
  | { readonly type: 'SendSignal'; readonly name: string; readonly payload: OwnPayload; readonly nodeId?: string }
  | { readonly type: 'FireTimer'; readonly timerId: string }
  /** A person connected the credential again: what was put back for it goes on now. */
  | { readonly type: 'ResumeParked'; readonly credentialId: string }
  | { readonly type: 'CancelExecution'; readonly reason?: Fault };

export type Verdict =
  | { readonly kind: 'succeeded'; readonly output: JsonValue }
  | { readonly kind: 'retry' }
  | { readonly kind: 'failed'; readonly message: string };

/** A command of one type. */
export type CommandOf<Type extends ExecutionCommand['type']> = Extract<ExecutionCommand, { readonly type: Type }>;
