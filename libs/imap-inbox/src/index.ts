export { InboxTrouble, type InboxTroubleCode } from './trouble.ts';
export type {
  Afterwards,
  Backoff,
  Checkpoint,
  CheckpointStore,
  InboxEvent,
  InboxMessage,
  InboxServer,
  InboxState,
  InboxTimes,
  InboxWatch,
  Outcome,
  TooLargeMessage,
  WatchInboxOptions,
  WholeMessage,
} from './types.ts';
export { watchInbox } from './watch-inbox.ts';
