import type { ExecutionState } from './state.ts';

/** Rises with every change of the state's shape: a snapshot of another version is ignored and the history folded. */
export const SNAPSHOT_VERSION = 1;

/** A larger snapshot costs more in every commit than it saves on a rare cache miss. In UTF-16 units of its JSON. */
export const SNAPSHOT_LIMIT = 32 * 1024;

export interface Snapshot {
  readonly version: number;
  readonly state: ExecutionState;
}

/** The state in a commit's snapshot, or undefined when there is none that this code can read. */
export function stateOfSnapshot(snapshot: unknown): ExecutionState | undefined {
  if (typeof snapshot !== 'object' || snapshot === null || !('version' in snapshot)) return undefined;
  return snapshot.version === SNAPSHOT_VERSION ? (snapshot as Snapshot).state : undefined;
}
