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
export { DEAD_LETTER_STREAM, deadLetterStream, NO_WORKSPACE, REDRIVES } from './layout.ts';
