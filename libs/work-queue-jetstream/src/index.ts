export { Dispatcher, NO_HANDS, type Hands } from './dispatcher.ts';
export {
  ACK_WAIT_MS,
  dueSubject,
  timerSubject,
  DISPATCHER,
  executorConsumer,
  queueOf,
  queueOfConsumer,
  runFilter,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startStream,
  startSubject,
  taskStreamNames,
  taskStreamOf,
  taskStreams,
  TIMER_CONSUMER,
  TIMER_STREAM,
  timerStream,
  workSubject,
} from './layout.ts';
export {
  parseAttemptTask,
  parseDueTimer,
  parseStartTask,
  type AttemptTask,
  type DueTimer,
  type StartTask,
} from './messages.ts';
export {
  LANES,
  parseTaskQueue,
  queueNameOf,
  queueNames,
  startQueueName,
  type Lane,
  type RunQueue,
  type StartPlace,
  type StartQueue,
  type TaskQueue,
} from './task-queue.ts';
export { PausedQueues, readPausedQueues, type QueueWord } from './paused-queues.ts';
export { armedTimers, startsInQueues, workInPartition, type WorkInQueue } from './read-work.ts';
export { readQueueStates, type QueueState } from './queue-states.ts';
export {
  REPORT_EVERY_MS,
  WorkerReports,
  WORKERS_BUCKET,
  type WorkerReport,
  type WorkFigure,
} from './worker-reports.ts';
