export type { CallEnd, Destination, Destinations, Entrance } from './at-destination.ts';
export { readFileOf } from './attempt-files.ts';
export {
  AttemptCredentials,
  type ConnectorCredential,
  type CredentialSource,
  type FoundCredential,
  type OpenedCredential,
} from './attempt-credentials.ts';
export { announceEnd } from './announced-ends.ts';
export type { Attempt, AttemptOutcome, AttemptRunnerParts } from './attempt.ts';
export { AttemptRunner } from './attempt-runner.ts';
export type { ExecutionStarter } from './execution-starter.ts';
export { MAX_FAILURES, type FailedWork, type PoisonedWork } from './failing-work.ts';
export { FollowUps, type DeadLetters, type FollowUpParts, type Gates } from './follow-ups.ts';
export { ExecutionJournal, type JournalParts } from './journal.ts';
export { KnownStates, type KnownState } from './known-state.ts';
export { Payloads } from './payloads.ts';
export { PlanCache } from './plan-cache.ts';
export { workWithin, type WorkBounds } from './work-within.ts';
export { ExecutionWorker } from './worker.ts';
export type { ExecutionWorkerParts, Pauses, WorkerObserver } from './worker-parts.ts';
export type { ParkedExecutions } from './parked-work.ts';
