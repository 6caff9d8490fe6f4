import type { Commit } from '#libs/event-sourcing';
import {
  evolveAll,
  initialState,
  OwnNodes,
  type ExecutionEvent,
  type KeptResult,
  type NodeState,
  type OwnPayload,
  type Payload,
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

/** Where the values lie that a replay needs and the history does not hold itself. Results of batches are not among them. */
export function referencesIn(commits: readonly RecordedCommit[]): readonly PayloadReference[] {
  const payloads = commits.flatMap(({ events }) => events.flatMap(payloadsIn));
  return payloads.flatMap((payload) => ('stored' in payload ? [payload.stored] : []));
}

function payloadsIn(event: ExecutionEvent): readonly Payload[] {
  switch (event.type) {
    case 'ExecutionStarted':
      return [event.data.input, ...Object.values(event.data.pins ?? {})];
    case 'ResultsKept':
      return Object.values(event.data.nodes).flatMap(outputOfKept);
    case 'NodeSucceeded':
      return [event.data.output];
    case 'SignalReceived':
      return [event.data.payload];
    default:
      return [];
  }
}

function outputOfKept(result: KeptResult): readonly OwnPayload[] {
  return result.status === 'skipped' ? [] : [result.output];
}

/** The state that the history leads to. */
export function stateOf({ executionId, commits }: Recording): StartedExecution {
  const own = new OwnNodes<NodeState>();
  const state = commits.reduce((before, { events, at }) => evolveAll(before, events, { at, own }), initialState());
  if (state.status === 'none') throw new InvariantError(`${executionId} has no history`);
  return state;
}
