export type { Admission, Gate } from './admission.ts';
export { failNode, succeedAt } from './advance.ts';
export type { AttemptFailure, ChildEnd, ExecutionCommand, ItemOutcome, StartExecution, Verdict } from './commands.ts';
export { decide, decideIn, startExecution } from './decide.ts';
export { Draft } from './draft.ts';
export type { DecisionContext } from './decision-context.ts';
export { executionDecider } from './decider.ts';
export { DRIFT_LIMITS } from './drift.ts';
export { isPutBack } from './limited.ts';
export { isSameMaking, putBacksOf } from './put-backs.ts';
export { FOLLOW_UP_EXECUTOR, shardsOf, START_SHARDS, tasksOf, timersOf } from './effects.ts';
export { purposeOf, type TimerPurpose } from './timers.ts';
export type { Transition } from './transition.ts';
export { mapPayloads, payloadsOf } from './event-payloads.ts';
export { executionEventSchema } from './event-schemas.ts';
export type {
  ExecutionEvent,
  ExecutionFailed,
  ExecutionStarted,
  ExecutionSucceeded,
  Files,
  Kept,
  KeptLoop,
  KeptResult,
  Origin,
  Priority,
  RecordedDrift,
  ResponseDrifted,
} from './events.ts';
export type { Fault } from './fault-shape.ts';
export type {
  FailureHandling,
  ItemError,
  NodeEvent,
  NodeFailed,
  NodeLoopStarted,
  NodeRetryScheduled,
  NodeScheduled,
  NodeSkipped,
  NodeSucceeded,
  PostponeReason,
  WaitTarget,
} from './node-events.ts';
export { beginsExecution, isNodeEvent, isTerminalEvent } from './events.ts';
export { evolve, evolveAll, initialState } from './evolve.ts';
export { OwnNodes } from './own-nodes.ts';
export { followUpSchema } from './follow-up-schema.ts';
export { waitsFor, type FollowUpStep } from './follow-ups.ts';
export { endOfLongHistory, HISTORY_LIMITS } from './history-limits.ts';
export { keptIn, keptOf } from './kept.ts';
export { indexesOf } from './loop.ts';
export { outputFrom, outputOfExecution, outputSourceOf, type OutputSource } from './output-of-execution.ts';
export { MAX_KEPT_SIGNALS, nodeWaitingFor } from './signals.ts';
export { failureOf, outputOfFailed } from './fault.ts';
export {
  DataErasedError,
  INLINE_PAYLOAD_LIMIT,
  NO_STORED_VALUES,
  ownPayloadOf,
  valueOf,
  type Commitment,
  type OwnPayload,
  type Payload,
  type PayloadReference,
  type StoredValues,
} from './payload.ts';
export type { PayloadStore, PlanSource } from './ports.ts';
export { reasonsToWait, type WaitReason } from './reasons-to-wait.ts';
export { scopeOf } from './scope.ts';
export { SNAPSHOT_EVERY, SNAPSHOT_LIMIT, SNAPSHOT_VERSION, stateOfSnapshot, type Snapshot } from './snapshot.ts';
export {
  isActive,
  isTerminal,
  nodeStateOf,
  outputOf,
  type BatchState,
  type ExecutionState,
  type ExecutionStatus,
  type LoopState,
  type NodeState,
  type StartedExecution,
} from './state.ts';
