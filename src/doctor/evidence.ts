import type { Commit } from '#libs/event-sourcing';
import type { WaitReason } from '#libs/execution-engine';
import { keyOfTask } from './work-at-hand.ts';

/** One that needs a message of its own. */
export type MessageReason = Extract<WaitReason, { readonly kind: 'task' | 'timer' }>;

/** What was found of a message that a reason needs. */
export interface MessageEvidence {
  readonly kind: 'message';
  /** Armed, in its queue, or in somebody's hands. */
  readonly isThere: boolean;
  /** Sequence of the commit that asked for it last; undefined when none did. */
  readonly askedForAt: number | undefined;
  /** Of the commit's stream. */
  readonly handedOut: HandedOut;
}

/** How far the dispatcher of a log stream is. The server says which commit is the oldest not acknowledged, and how many are. */
export interface HandedOut {
  /** All up to here are acknowledged: what they asked for is published, or done. */
  readonly floor: number;
  /** None above was given to anybody yet. */
  readonly delivered: number;
  readonly unacknowledged: number;
  /** The first commit above the floor. */
  readonly oldestOpen: number | undefined;
}

/** Whether the commit may be in somebody's hands, or nobody took it yet. Sure, unless several are in hands. */
export function mayBeOpen(sequence: number, { floor, delivered, unacknowledged, oldestOpen }: HandedOut): boolean {
  if (sequence <= floor) return false;
  if (sequence > delivered) return true;
  return unacknowledged > 1 || (unacknowledged === 1 && sequence === oldestOpen);
}

/** What was looked for behind a reason to wait, and what was found. */
export type Evidence =
  | MessageEvidence
  | { readonly kind: 'child'; readonly state: 'absent' | 'open' }
  /** It is over; `told` is about who tells the execution so. */
  | { readonly kind: 'child'; readonly state: 'over'; readonly told: MessageEvidence }
  | { readonly kind: 'place'; readonly isInLine: boolean; readonly holders: readonly HolderEvidence[] }
  | { readonly kind: 'nothing' };

/** Somebody beyond the line, who is not over, or whose leaving is `left`. */
export type HolderEvidence = { readonly state: 'absent' | 'open' } | { readonly state: 'over'; left: MessageEvidence };

export type Sign =
  /** What it waits for is there, or need not be. */
  | 'alive'
  /** Lies in a commit that is not acknowledged: nobody took it yet, or somebody does it right now. */
  | 'onItsWay'
  | 'dead';

export function signOf(evidence: Evidence): Sign {
  switch (evidence.kind) {
    case 'message':
      return signOfMessage(evidence);
    case 'child':
      return signOfChild(evidence);
    case 'place':
      return evidence.isInLine && evidence.holders.some(willLeave) ? 'alive' : 'dead';
    case 'nothing':
      return 'alive';
  }
}

function signOfChild(evidence: Extract<Evidence, { readonly kind: 'child' }>): Sign {
  if (evidence.state !== 'over') return evidence.state === 'open' ? 'alive' : 'dead';
  return signOfMessage(evidence.told) === 'dead' ? 'dead' : 'onItsWay';
}

function signOfMessage({ isThere, askedForAt, handedOut }: MessageEvidence): Sign {
  if (isThere) return 'alive';
  return askedForAt !== undefined && mayBeOpen(askedForAt, handedOut) ? 'onItsWay' : 'dead';
}

/** Whoever leaves calls the next in line; without anybody who will, nobody is ever called. */
export function willLeave(holder: HolderEvidence): boolean {
  if (holder.state !== 'over') return holder.state === 'open';
  return signOfMessage(holder.left) !== 'dead';
}

/** Whether the commit asked for what the reason needs. */
export function asksFor({ tasks = [], timers = [] }: Pick<Commit, 'tasks' | 'timers'>, reason: MessageReason): boolean {
  if (reason.kind === 'timer') return timers.some(({ kind, id }) => kind === 'arm' && id === reason.id);
  const wanted = keyOfTask(reason.task.queue, reason.task.payload);
  return tasks.some(({ queue, payload }) => keyOfTask(queue, payload) === wanted);
}
