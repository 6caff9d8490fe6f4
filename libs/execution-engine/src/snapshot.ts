import type { ExecutionState } from './state.ts';

/** Rises with every change of the state's shape: a snapshot of another version is ignored and the history folded. */
export const SNAPSHOT_VERSION = 4;

/** A larger state is folded from its events instead. In UTF-16 units of the events' JSON, which bound the state's. */
export const SNAPSHOT_LIMIT = 32 * 1024;

/**
 * A commit carries a snapshot when so many events came since the last one. One in each commit made most of the log's
 * bytes; folding a few events is cheaper than writing, delivering and syncing them.
 */
export const SNAPSHOT_EVERY = 16;

export interface Snapshot {
  readonly version: number;
  readonly state: ExecutionState;
}

/** The state in a commit's snapshot, or undefined when there is none that this code can read. */
export function stateOfSnapshot(snapshot: unknown): ExecutionState | undefined {
  if (typeof snapshot !== 'object' || snapshot === null || !('version' in snapshot)) return undefined;
  return snapshot.version === SNAPSHOT_VERSION ? (snapshot as Snapshot).state : undefined;
}
