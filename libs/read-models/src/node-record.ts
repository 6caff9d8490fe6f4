import { assertNever } from '#libs/kernel';
import {
  OwnNodes,
  outputOfFailed,
  type Fault,
  type NodeEvent,
  type NodeFailed,
  type Payload,
  type PostponeReason,
  type WaitTarget,
} from '#libs/execution-engine';

export type NodeRecordStatus =
  'scheduled' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** One node of an execution, as people look at it. */
export interface NodeRecord {
  readonly status: NodeRecordStatus;
  readonly attempts: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly output?: Payload;
  readonly error?: Fault;
  /** When the next attempt follows. */
  readonly retryAt?: string;
  /** What it waits for, and since when. */
  readonly waits?: { readonly on: WaitTarget; readonly since: string };
  /** Why its attempt was put back, until `retryAt`. */
  readonly postponed?: PostponeReason;
  readonly loop?: LoopRecord;
}

/** How far a loop is. */
export interface LoopRecord {
  readonly items: number;
  readonly failed: number;
  /** Batches that are not over, by number. */
  readonly open: Readonly<Record<number, OpenBatch>>;
}
export type OpenBatch =
  | { readonly status: 'scheduled' }
  | { readonly status: 'retrying'; readonly dueAt: string; readonly postponed?: PostponeReason }
  | { readonly status: 'waiting'; readonly executionId: string };

/** The node after one more event; `own` are batches of loops that are changed in place. */
// One case a fact; a table would only hide that.
// eslint-disable-next-line complexity -- see above
export function nodeAfter(
  node: NodeRecord | undefined,
  event: NodeEvent,
  { at, own }: { readonly at: string; readonly own: OwnNodes<OpenBatch> },
): NodeRecord {
  const startedAt = node?.startedAt ?? at;
  switch (event.type) {
    case 'NodeScheduled':
      return { status: 'scheduled', attempts: event.data.attempt, startedAt };
    case 'NodeStarted':
      return { status: 'running', attempts: event.data.attempt, startedAt };
    case 'NodeSucceeded': {
      const { attempt, output } = event.data;
      return { status: 'succeeded', attempts: attempt, startedAt, finishedAt: at, output };
    }
    case 'NodeFailed':
      return failedNode(event, startedAt, at);
    case 'NodeRetryScheduled': {
      const { attempt, error, dueAt } = event.data;
      return { status: 'retrying', attempts: attempt, startedAt, error, retryAt: dueAt };
    }
    case 'NodePostponed': {
      const { attempt, dueAt, reason, error } = event.data;
      const told = error === undefined ? {} : { error };
      return { status: 'waiting', attempts: attempt - 1, startedAt, ...told, retryAt: dueAt, postponed: reason };
    }
    case 'NodeWaiting':
      return { status: 'waiting', attempts: event.data.attempt, startedAt, waits: { on: event.data.on, since: at } };
    case 'NodeSkipped':
      return { status: 'skipped', attempts: 0 };
    case 'NodeLoopStarted':
    case 'NodeBatchEnded':
    case 'NodeBatchScheduled':
    case 'NodeBatchWaiting':
      return loopNode(loopAfter(node?.loop ?? NO_LOOP, event, own), startedAt);
    default:
      return assertNever(event);
  }
}

/** Whether somebody works on it, or will without waiting for anything but a hand. */
export function moves({ status }: NodeRecord): boolean {
  return status === 'scheduled' || status === 'running';
}

/** Whether something is still to come of it. */
export function isOpen({ status }: NodeRecord): boolean {
  return status === 'scheduled' || status === 'running' || status === 'retrying' || status === 'waiting';
}

/** Its last error stays; nothing that it waited for comes any more. */
export function cancelledNode(node: NodeRecord, at: string): NodeRecord {
  const { retryAt: _, waits: __, postponed: ___, loop, ...rest } = node;
  return { ...rest, status: 'cancelled', finishedAt: at, ...(loop ? { loop: { ...loop, open: {} } } : {}) };
}

/** A failure that the flow survives is what the node gives to the next ones. */
function failedNode({ data }: NodeFailed, startedAt: string, finishedAt: string): NodeRecord {
  const { attempt, error, handling } = data;
  const failed: NodeRecord = { status: 'failed', attempts: attempt, startedAt, finishedAt, error };
  return handling === 'fail' ? failed : { ...failed, output: outputOfFailed(error) };
}

type LoopEvent = Extract<
  NodeEvent,
  { type: 'NodeLoopStarted' | 'NodeBatchEnded' | 'NodeBatchScheduled' | 'NodeBatchWaiting' }
>;

function loopNode(loop: LoopRecord, startedAt: string): NodeRecord {
  return { status: isMoving(loop) ? 'running' : 'waiting', attempts: 1, startedAt, loop };
}

/** Not by way of a list of all batches: this is asked for each fact of a loop. */
function isMoving({ open }: LoopRecord): boolean {
  for (const batch in open) if (open[batch]?.status === 'scheduled') return true;
  return false;
}

const NO_LOOP: LoopRecord = { items: 0, failed: 0, open: {} };

function loopAfter(loop: LoopRecord, event: LoopEvent, own: OwnNodes<OpenBatch>): LoopRecord {
  switch (event.type) {
    case 'NodeLoopStarted': {
      const { count, batchSize, concurrency, resumes } = event.data;
      if (resumes) return { items: count, failed: resumes.errors.length, open: openedAgain(resumes.open) };
      const batches = Math.min(concurrency, Math.ceil(count / batchSize));
      const all = Array.from({ length: batches }, (_, batch): [number, OpenBatch] => [batch, { status: 'scheduled' }]);
      return { items: count, failed: 0, open: Object.fromEntries(all) };
    }
    case 'NodeBatchScheduled':
      return { ...loop, open: own.with(loop.open, event.data.batch, SCHEDULED) };
    case 'NodeBatchWaiting': {
      const { batch, executionId } = event.data;
      return { ...loop, open: own.with(loop.open, batch, { status: 'waiting', executionId }) };
    }
    case 'NodeBatchEnded': {
      const failed = loop.failed + event.data.errors.length;
      return { ...loop, failed, open: openAfterBatch(loop.open, event.data, own) };
    }
  }
}

const SCHEDULED: OpenBatch = { status: 'scheduled' };

function openedAgain(open: readonly { readonly batch: number }[]): LoopRecord['open'] {
  return Object.fromEntries(open.map(({ batch }): [number, OpenBatch] => [batch, SCHEDULED]));
}

function openAfterBatch(
  open: LoopRecord['open'],
  { batch, again, opens }: Extract<LoopEvent, { type: 'NodeBatchEnded' }>['data'],
  own: OwnNodes<OpenBatch>,
): LoopRecord['open'] {
  if (again) {
    const { dueAt, postponed } = again;
    return own.with(open, batch, { status: 'retrying', dueAt, ...(postponed ? { postponed } : {}) });
  }
  const others = own.without(open, batch);
  return opens === undefined ? others : own.with(others, opens, SCHEDULED);
}
