export type { AttemptFailure, ExecutionCommand, StartExecution } from './commands.ts';
export { decide, startExecution } from './decide.ts';
export type { DecisionContext } from './decision-context.ts';
export { executionDecider } from './decider.ts';
export { shardsOf, START_SHARDS, tasksOf, timersOf } from './effects.ts';
export { executionEventSchema } from './event-schemas.ts';
export type {
  ExecutionEvent,
  ExecutionFailed,
  ExecutionStarted,
  ExecutionSucceeded,
  FailureHandling,
  Fault,
  NodeFailed,
  NodeRetryScheduled,
  NodeScheduled,
  NodeSkipped,
  NodeSucceeded,
  Priority,
} from './events.ts';
export { isTerminalEvent } from './events.ts';
export { evolve, initialState } from './evolve.ts';
export { failureOf, outputOfFailed } from './fault.ts';
export {
  INLINE_PAYLOAD_LIMIT,
  NO_STORED_VALUES,
  ownPayloadOf,
  valueOf,
  type OwnPayload,
  type Payload,
  type PayloadReference,
  type StoredValues,
} from './payload.ts';
export type { PayloadStore, PlanSource } from './ports.ts';
export { scopeOf } from './scope.ts';
export { SNAPSHOT_EVERY, SNAPSHOT_LIMIT, SNAPSHOT_VERSION, stateOfSnapshot, type Snapshot } from './snapshot.ts';
export {
  isTerminal,
  nodeStateOf,
  outputOf,
  type ExecutionState,
  type ExecutionStatus,
  type NodeState,
  type StartedExecution,
} from './state.ts';
