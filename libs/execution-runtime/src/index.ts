export type { CallEnd, Destination, Destinations, Entrance } from './at-destination.ts';
export type { CredentialSource, FoundCredential } from './attempt-credentials.ts';
export type { Attempt, AttemptOutcome, AttemptRunnerParts } from './attempt.ts';
export { AttemptRunner } from './attempt-runner.ts';
export type { ExecutionStarter } from './execution-starter.ts';
export { FollowUps, type DeadLetters, type FollowUpParts, type Gates } from './follow-ups.ts';
export { ExecutionJournal, type JournalParts } from './journal.ts';
export { KnownStates, type KnownState } from './known-state.ts';
export { Payloads } from './payloads.ts';
export { PlanCache } from './plan-cache.ts';
export {
  ExecutionWorker,
  stopSubjectOf,
  type ExecutionWorkerParts,
  type Pauses,
  type WorkerObserver,
} from './worker.ts';
