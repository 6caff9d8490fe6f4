export { DeadLetterLog } from './dead-letter-log.ts';
export {
  decodeFact,
  encodeFact,
  type DeadLetterFact,
  type DeadLettered,
  type Discarded,
  type QueuedWork,
  type Redriven,
} from './facts.ts';
export {
  DEAD_LETTER_STREAM,
  deadLetterStream,
  NO_WORKSPACE,
  REDRIVE_STREAM,
  REDRIVER,
  redriveStream,
} from './layout.ts';
export { type RedriveJob, type RedriveProgress } from './redrive-job.ts';
export { RedriveJobs } from './redrive-jobs.ts';
export { Redriver, type RedriverParts } from './redriver.ts';
