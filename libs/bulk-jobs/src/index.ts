export { jobFields, MAX_TARGETS, NO_PROGRESS, type Job, type JobProgress } from './job.ts';
export { JobRunner, type JobRunnerParts, type TargetOutcome } from './job-runner.ts';
export { JobStore, type JobStoreParts } from './job-store.ts';
export { jobConsumer, jobStream, type JobLayout } from './layout.ts';
