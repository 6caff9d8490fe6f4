export type { CredentialSource, FoundCredential } from './attempt-credentials.ts';
export { AttemptRunner, type Attempt, type AttemptOutcome, type AttemptRunnerParts } from './attempt-runner.ts';
export { ExecutionJournal, type JournalParts } from './journal.ts';
export { KnownStates, type KnownState } from './known-state.ts';
export { Payloads } from './payloads.ts';
export { PlanCache } from './plan-cache.ts';
export { ExecutionWorker, type ExecutionWorkerParts, type Pauses, type WorkerObserver } from './worker.ts';
