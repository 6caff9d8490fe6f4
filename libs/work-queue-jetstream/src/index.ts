export { Dispatcher, type TryTake } from './dispatcher.ts';
export {
  ACK_WAIT_MS,
  DISPATCHER,
  executorConsumer,
  queueOf,
  STARTER,
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
