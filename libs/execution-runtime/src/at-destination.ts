import type { PostponeReason } from '#libs/execution-engine';
import { NodeError, type ActionNodeType, type Allowance, type Quota } from '#libs/node-kit';

/** What an attempt calls, within its workspace. */
export interface Destination {
  readonly workspaceId: string;
  /** Absent when it is none in particular. */
  readonly key?: string;
  /** Of which it takes one each. */
  readonly quotas?: readonly Quota[];
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

/** Whoever is admitted leaves; only the first time counts. */
export interface Admitted {
  readonly kind: 'admitted';
  /** The destination's; absent when it is none in particular. */
  readonly key?: string;
  leave(end: CallEnd): void;
  /** An answer said what is left of a quota. */
  learn(quotaKey: string, allowance: Allowance): void;
  /** A call after the first that takes from a quota. */
  spend(quotaKey: string): void;
}
export type Entrance = Admitted | Postponed;

/** Who may call what, now. Never rejects: what can't be told is let in. */
export interface Destinations {
  enter(destination: Destination): Promise<Entrance>;
}

/** At no destination in particular. */
export const ANYWHERE: Entrance = {
  kind: 'admitted',
  leave: () => undefined,
  learn: () => undefined,
  spend: () => undefined,
};

/** Whether work with this config may be done now. A config that can't be evaluated calls nobody: the work itself says why. */
export async function enterFor<Config>(
  destinations: Destinations,
  { workspaceId, nodeType, config }: { workspaceId: string; nodeType: ActionNodeType<Config>; config: () => Config },
): Promise<Entrance> {
  const called = calledBy(nodeType, config);
  if (!called) return ANYWHERE;
  const entrance = await destinations.enter({ workspaceId, ...called });
  return entrance.kind === 'admitted' && called.key !== undefined ? { ...entrance, key: called.key } : entrance;
}

/** Evaluates once: each call gives the same config, or throws the same error. */
export function evaluated<Config>(evaluate: () => Config): () => Config {
  try {
    const config = evaluate();
    return () => config;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** What an error says of the destination that was called. */
export function callEndOf(error: unknown): CallEnd {
  if (!(error instanceof NodeError)) return { outcome: 'ignored' };
  const { destination, retryAfterMs } = error.options;
  if (destination !== 'failed') return { outcome: destination === 'answered' ? 'ok' : 'ignored' };
  return retryAfterMs === undefined ? { outcome: 'failed' } : { outcome: 'failed', pauseMs: retryAfterMs };
}

function calledBy<Config>(
  nodeType: ActionNodeType<Config>,
  config: () => Config,
): Omit<Destination, 'workspaceId'> | undefined {
  try {
    const given = config();
    const key = nodeType.destinationOf?.(given);
    const quotas = nodeType.quotasOf?.(given) ?? [];
    const called = key === undefined ? {} : { key };
    if (quotas.length > 0) return { ...called, quotas };
    return key === undefined ? undefined : called;
  } catch {
    return undefined;
  }
}
