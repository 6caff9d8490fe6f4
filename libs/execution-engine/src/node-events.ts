import type { DomainEvent } from '#libs/event-sourcing';
import type { Fault } from './fault-shape.ts';
import type { OwnPayload, Payload } from './payload.ts';

/** What the flow does after a node's last failure: the execution ends, or goes on by an output. */
export type FailureHandling = 'fail' | 'continue' | 'branch';

/**
 * Why an attempt was put back before anything was done. `key` names the destination, the quota, or with `credential` the
 * credential that a person has to connect again.
 */
export interface PostponeReason {
  readonly kind: 'circuit' | 'rateLimit' | 'bulkhead' | 'credential';
  readonly key: string;
}

/** Until when, and why, an attempt is put back. */
export interface PutBack {
  readonly dueAt: string;
  readonly reason: PostponeReason;
}

/** What a node waits for; with `dueAt` no longer than until then. */
export type WaitTarget =
  | { readonly kind: 'timer'; readonly dueAt: string }
  | { readonly kind: 'signal'; readonly name: string; readonly dueAt?: string; readonly onTimeout: 'fail' | 'continue' }
  | { readonly kind: 'execution'; readonly executionId: string; readonly dueAt?: string }
  /**
   * A person has to say what came of the attempt: its worker died in the middle of it, or with `error` the other side never
   * said whether it did what was asked.
   */
  | { readonly kind: 'person'; readonly error?: Fault };

/** An attempt was handed to the executor named. `putBacks`: how often it had been put back by then; absent for never. */
export type NodeScheduled = DomainEvent<
  'NodeScheduled',
  { readonly nodeId: string; readonly attempt: number; readonly executor: string; readonly putBacks?: number }
>;
/** The work of an attempt begins; recorded only for nodes that must not be repeated after an interruption. */
export type NodeStarted = DomainEvent<
  'NodeStarted',
  {
    readonly nodeId: string;
    readonly attempt: number;
    /** Who makes it: a name that no other delivery has. */
    readonly by: string;
  }
>;
export type NodeSucceeded = DomainEvent<
  'NodeSucceeded',
  {
    readonly nodeId: string;
    readonly attempt: number;
    readonly output: Payload;
    /** The outputs by which the flow leaves the node. */
    readonly leavesBy: readonly string[];
  }
>;
/** An attempt failed and another one follows at `dueAt`. */
export type NodeRetryScheduled = DomainEvent<
  'NodeRetryScheduled',
  { readonly nodeId: string; readonly attempt: number; readonly error: Fault; readonly dueAt: string }
>;
/** Nothing was done in an attempt, because its destination takes none now; the same attempt follows at `dueAt`. */
export type NodePostponed = DomainEvent<
  'NodePostponed',
  {
    readonly nodeId: string;
    readonly attempt: number;
    readonly reason: PostponeReason;
    readonly dueAt: string;
    /** What the destination said, where it was asked. */
    readonly error?: Fault;
  }
>;
export type NodeWaiting = DomainEvent<
  'NodeWaiting',
  { readonly nodeId: string; readonly attempt: number; readonly on: WaitTarget }
>;
/** The last attempt failed. */
export type NodeFailed = DomainEvent<
  'NodeFailed',
  { readonly nodeId: string; readonly attempt: number; readonly error: Fault; readonly handling: FailureHandling }
>;
/** No connection into the node was taken. */
export type NodeSkipped = DomainEvent<'NodeSkipped', { readonly nodeId: string }>;

/** A loop begins: its items, cut into batches of `batchSize`, of which `concurrency` are worked on at once. */
export type NodeLoopStarted = DomainEvent<
  'NodeLoopStarted',
  {
    readonly nodeId: string;
    readonly attempt: number;
    readonly items: OwnPayload;
    readonly count: number;
    readonly batchSize: number;
    readonly concurrency: number;
    readonly onItemError: 'fail' | 'continue';
    /** The executor that works on batches. */
    readonly executor: string;
    /** It goes on with what another execution did of it. */
    readonly resumes?: LoopRest;
  }
>;
/** What a loop has done, and what is left: batches below `next` that are not `open` are over. */
export interface LoopRest {
  readonly next: number;
  /** `indexes`: of the items that are left; absent stands for all of the batch. */
  readonly open: readonly { readonly batch: number; readonly indexes?: readonly number[] }[];
  readonly results: readonly BatchResults[];
  readonly errors: readonly ItemError[];
}
/** The outputs of some items of a batch: `[index, output]` for each. */
export type BatchResults = OwnPayload;
/**
 * An attempt at a batch ended. Items that failed and may be tried again are in `again`; what failed for good is in
 * `errors`. Without `again` the batch is over, and the one named by `opens` is handed out.
 */
export type NodeBatchEnded = DomainEvent<
  'NodeBatchEnded',
  {
    readonly nodeId: string;
    readonly batch: number;
    readonly attempt: number;
    readonly results: BatchResults;
    readonly errors: readonly ItemError[];
    readonly again?: BatchAgain;
    readonly opens?: number;
    readonly executor: string;
  }
>;
export interface ItemError extends Fault {
  /** Of the item, from 0. */
  readonly index: number;
}
export interface BatchAgain {
  readonly dueAt: string;
  /** Of the items that are left. */
  readonly indexes: readonly number[];
  /** The attempt was not made at these: their destination took none. */
  readonly postponed?: PostponeReason;
}
/** A batch is handed out again, for the items that are left; `putBacks` as of an attempt at a node. */
export type NodeBatchScheduled = DomainEvent<
  'NodeBatchScheduled',
  {
    readonly nodeId: string;
    readonly batch: number;
    readonly attempt: number;
    readonly executor: string;
    readonly putBacks?: number;
  }
>;
/** The one item of a batch goes on in an execution of its own. */
export type NodeBatchWaiting = DomainEvent<
  'NodeBatchWaiting',
  { readonly nodeId: string; readonly batch: number; readonly attempt: number; readonly executionId: string }
>;

export type NodeEvent =
  | NodeScheduled
  | NodeStarted
  | NodeSucceeded
  | NodeRetryScheduled
  | NodePostponed
  | NodeWaiting
  | NodeFailed
  | NodeSkipped
  | NodeLoopStarted
  | NodeBatchEnded
  | NodeBatchScheduled
  | NodeBatchWaiting;
