import type { Commit } from '#libs/event-sourcing';
import {
  evolveAll,
  initialState,
  OwnNodes,
  payloadsOf,
  type ExecutionEvent,
  type NodeState,
  type PayloadReference,
  type StartedExecution,
  type StoredValues,
} from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';

export type RecordedCommit = Pick<Commit<ExecutionEvent>, 'firstVersion' | 'at' | 'events'>;

/** All that is known of an execution: its history, and the values that this refers to. */
export interface Recording {
  readonly executionId: string;
  readonly commits: readonly RecordedCommit[];
  /** Of every reference that `referencesIn` gives for the commits. */
  readonly stored: StoredValues;
}

/** Where the values lie that the history refers to; a lean one refers to none of its loops'. */
export function referencesIn(commits: readonly RecordedCommit[]): readonly PayloadReference[] {
  const payloads = commits.flatMap(({ events }) => events.flatMap(payloadsOf));
  return payloads.flatMap((payload) => ('stored' in payload ? [payload.stored] : []));
}

/** The state that the history leads to. */
export function stateOf({ executionId, commits }: Recording): StartedExecution {
  const own = new OwnNodes<NodeState>();
  const state = commits.reduce((before, { events, at }) => evolveAll(before, events, { at, own }), initialState());
  if (state.status === 'none') throw new InvariantError(`${executionId} has no history`);
  return state;
}
