import type { DomainEvent } from '#libs/event-sourcing';
import type { JsonObject } from '#libs/kernel';
import type { ResponseDrift } from '#libs/node-kit';
import type { AdmissionEvent } from './admission.ts';
import type { Fault } from './fault-shape.ts';
import type { LoopRest, NodeEvent } from './node-events.ts';
import type { OwnPayload } from './payload.ts';

export type Priority = 'high' | 'normal' | 'low';

/** What started an execution, when another execution did. */
export type Origin =
  /** A node of `executionId` started it; `waits`: and goes on when it is over. */
  | {
      readonly kind: 'child';
      readonly executionId: string;
      readonly nodeId: string;
      readonly attempt: number;
      /** Of the batch that waits, where the node is a loop. */
      readonly batch?: number;
      /** Executions above it. */
      readonly depth: number;
      readonly waits: boolean;
    }
  /** `executionId` failed, and its workflow names this one's as its error workflow. */
  | { readonly kind: 'errorWorkflow'; readonly executionId: string }
  /** It goes on with the results that `executionId` had at `version`. */
  | { readonly kind: 'redrive'; readonly executionId: string; readonly version: number; readonly deadLetterId: string }
  /** The same because somebody asked for it, of an execution that was over; `from`: with this node, and all behind it, done again. The dead letter of that execution is settled by it. */
  | {
      readonly kind: 'retry';
      readonly executionId: string;
      readonly version: number;
      readonly from?: string;
      readonly deadLetterId?: string;
    }
  /** The same from any point of a history, with outputs changed perhaps. */
  | {
      readonly kind: 'fork';
      readonly executionId: string;
      readonly version: number;
      readonly overrides?: readonly string[];
    }
  /** The call that started `executionId` was sent again. */
  | { readonly kind: 'redelivery'; readonly executionId: string }
  /** The call that started `executionId`, of another workflow, was fed to this one's. */
  | { readonly kind: 'backfill'; readonly executionId: string; readonly jobId: string };

/** Each under the SHA-256 of its bytes, in hex: so what names a file can name no other one, and none of another execution. */
export type Files = Readonly<Record<string, OwnPayload>>;

export type ExecutionStarted = DomainEvent<
  'ExecutionStarted',
  {
    readonly workspaceId: string;
    readonly workflowId: string;
    readonly workflowVersion: number;
    readonly trigger: { readonly type: string; readonly nodeId: string };
    readonly input: OwnPayload;
    /** Content of files that the input names, as base64 text, by the SHA-256 of their bytes in hex; absent when there are none. */
    readonly files?: Files;
    readonly priority: Priority;
    /** The workspace variables that the execution sees for ever; absent stands for none, as in all older events. */
    readonly vars?: JsonObject;
    readonly origin?: Origin;
    /** No action has a side effect. */
    readonly mode?: 'dry';
    /** Outputs that stand for those of the nodes, which do not run. */
    readonly pins?: Readonly<Record<string, OwnPayload>>;
  }
>;
/** Results of another execution, which count as this one's; recorded with its start. */
export type ResultsKept = DomainEvent<'ResultsKept', Kept>;
export interface Kept {
  readonly nodes: Readonly<Record<string, KeptResult>>;
  readonly loops?: Readonly<Record<string, KeptLoop>>;
  /** That no node took, oldest first. */
  readonly signals?: readonly { readonly name: string; readonly payload: OwnPayload }[];
}
/** A loop that was under way. It is gone on with if it comes to the same items. */
export interface KeptLoop extends LoopRest {
  readonly items: OwnPayload;
  readonly count: number;
  readonly batchSize: number;
}
export type KeptResult =
  | { readonly status: 'skipped' }
  | {
      readonly status: 'succeeded' | 'failed';
      readonly attempt: number;
      readonly output: OwnPayload;
      readonly leavesBy: readonly string[];
    };
/** Recorded when something is to happen at `timeoutAt`, should the execution not be over by then. */
export type ExecutionBegan = DomainEvent<'ExecutionBegan', { readonly timeoutAt: string }>;
/** Somebody sent a payload for a `wait.signal` node; kept until a node takes it. */
export type SignalReceived = DomainEvent<'SignalReceived', { readonly name: string; readonly payload: OwnPayload }>;
/** The oldest payload kept under the name went to the node. */
export type SignalDelivered = DomainEvent<'SignalDelivered', { readonly name: string; readonly nodeId: string }>;
/** The time came that something waited for. */
export type TimerFired = DomainEvent<'TimerFired', { readonly timerId: string }>;
/** A part of a long time is over; the timer is armed for the next. */
export type TimerRearmed = DomainEvent<'TimerRearmed', { readonly timerId: string }>;
/** What an outside system answered an attempt that succeeded is not as the node type knows it; recorded with its success. */
export type ResponseDrifted = DomainEvent<
  'ResponseDrifted',
  { readonly nodeId: string; readonly attempt: number; readonly drift: readonly RecordedDrift[] }
>;
export interface RecordedDrift extends ResponseDrift {
  /** Of the item of a loop, from 0; the attempt is that at its batch. */
  readonly index?: number;
}
/** The output is that of the end nodes: of the one, or an object by node id of several. */
export type ExecutionSucceeded = DomainEvent<'ExecutionSucceeded', { readonly endNodes: readonly string[] }>;
export type ExecutionFailed = DomainEvent<
  'ExecutionFailed',
  { readonly error: Fault & { readonly nodeId: string; readonly attempt: number } }
>;
/** Whoever asked is in the commit; absent is the engine itself, for `reason`. */
export type ExecutionCancelRequested = DomainEvent<'ExecutionCancelRequested', { readonly reason?: Fault }>;
export type ExecutionCancelled = DomainEvent<'ExecutionCancelled', { readonly reason?: Fault }>;
/** The node is the first of those that were not over. */
export type ExecutionTimedOut = DomainEvent<
  'ExecutionTimedOut',
  { readonly error: Fault & { readonly nodeId: string; readonly attempt: number } }
>;

export type ExecutionEvent =
  | ExecutionStarted
  | ResultsKept
  | AdmissionEvent
  | ExecutionBegan
  | NodeEvent
  | SignalReceived
  | SignalDelivered
  | TimerFired
  | TimerRearmed
  | ResponseDrifted
  | ExecutionSucceeded
  | ExecutionFailed
  | ExecutionCancelRequested
  | ExecutionCancelled
  | ExecutionTimedOut;

const TERMINAL: ReadonlySet<string> = new Set<ExecutionEvent['type']>([
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionCancelled',
  'ExecutionTimedOut',
]);

/** Whether an execution is over with an event of this type. */
export function isTerminalEvent(type: string): boolean {
  return TERMINAL.has(type);
}

const BEFORE_ITS_BEGINNING: ReadonlySet<string> = new Set<ExecutionEvent['type']>([
  'ExecutionStarted',
  'ResultsKept',
  'AdmissionRequested',
  'AdmissionHeld',
  'AdmissionGranted',
  'SignalReceived',
  'TimerFired',
  'TimerRearmed',
  'ExecutionCancelRequested',
  'ExecutionCancelled',
]);

/** Whether an execution has begun by the time that an event of this type is recorded. */
export function beginsExecution(type: ExecutionEvent['type']): boolean {
  return !BEFORE_ITS_BEGINNING.has(type);
}

/** Whether the fact changes what a node is at; all of these are named for it, and nothing else is. */
export function isNodeEvent(event: ExecutionEvent): event is NodeEvent {
  return event.type.startsWith('Node');
}
