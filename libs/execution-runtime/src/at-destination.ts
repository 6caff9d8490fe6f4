import { NodeError } from '#libs/node-kit';

/** What an attempt calls, within its workspace. */
export interface Destination {
  readonly workspaceId: string;
  readonly key: string;
}

/** Why an attempt is not made now: the circuit of its destination is open, it asked for a pause, or it has no room. */
export interface PostponeReason {
  readonly kind: 'circuit' | 'rateLimit' | 'bulkhead';
  readonly key: string;
}

/** The attempt must come again, not before an instant (milliseconds since 1970). */
export interface Postponed {
  readonly kind: 'postponed';
  readonly reason: PostponeReason;
  readonly untilMs: number;
}

/** What came of a call: `ignored` tells nothing of the destination. */
export interface CallEnd {
  readonly outcome: 'ok' | 'failed' | 'ignored';
  /** The destination asked that nobody comes for so long. */
  readonly pauseMs?: number;
}

/** Whoever enters and is admitted leaves, once. */
export type Entrance = { readonly kind: 'admitted'; leave(end: CallEnd): void } | Postponed;

/** Who may call what, now. Never rejects: what can't be told is let in. */
export interface Destinations {
  enter(destination: Destination): Promise<Entrance>;
}

/** Does the work, if its destination takes any now, and tells the destination how it ended. Rejects as the work does. */
export async function atDestination<Output>(
  destinations: Destinations,
  destination: Destination | undefined,
  work: () => Promise<Output>,
): Promise<{ readonly kind: 'done'; readonly output: Output } | Postponed> {
  if (!destination) return { kind: 'done', output: await work() };
  const entrance = await destinations.enter(destination);
  if (entrance.kind === 'postponed') return entrance;
  let end: CallEnd = { outcome: 'ignored' };
  try {
    const output = await work();
    end = { outcome: 'ok' };
    return { kind: 'done', output };
  } catch (error) {
    end = callEndOf(error);
    throw error;
  } finally {
    entrance.leave(end);
  }
}

function callEndOf(error: unknown): CallEnd {
  if (!(error instanceof NodeError)) return { outcome: 'ignored' };
  const { destination, retryAfterMs } = error.options;
  if (destination !== 'failed') return { outcome: destination === 'answered' ? 'ok' : 'ignored' };
  return retryAfterMs === undefined ? { outcome: 'failed' } : { outcome: 'failed', pauseMs: retryAfterMs };
}
