export {
  lastVersionOf,
  type Actor,
  type Commit,
  type StoredCommit,
  type TaskMessage,
  type TimerMessage,
} from './commit.ts';
export type { Decider, DomainEvent } from './decider.ts';
export { ConcurrencyConflict, LogUnavailableError, type EventStore } from './event-store.ts';
export { currentShapeOf, upcast, type Upcaster, type Upcasters } from './upcaster.ts';
