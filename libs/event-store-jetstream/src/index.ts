export { createCommitCodec, readEnvelope, type CommitCodec, type CommitEnvelope } from './codec.ts';
export { ObjectPayloadStore } from './object-payload-store.ts';
export { JetStreamEventStore, type JetStreamEventStoreParts } from './jetstream-event-store.ts';
export {
  executionIdIn,
  executionLog,
  liveSubjectOf,
  LOG_SPLIT,
  LOG_STREAM_COUNTS,
  logStreamOf,
  partitionFilter,
  partitionOf,
  partitionsOf,
  streamIndexOf,
  workflowLog,
  type LogLayout,
  type LogStreamCount,
} from './layout.ts';
