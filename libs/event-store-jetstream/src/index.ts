export { createCommitCodec, readEnvelope, readSnapshotLine, type CommitCodec, type CommitEnvelope } from './codec.ts';
export { ObjectPayloadStore } from './object-payload-store.ts';
export { JetStreamEventStore, type JetStreamEventStoreParts } from './jetstream-event-store.ts';
export {
  aggregateIdIn,
  executionLog,
  liveSubjectOf,
  LOG_SPLIT,
  LOG_STREAM_COUNTS,
  logStreamOf,
  partitionFilter,
  partitionOf,
  partitionsOf,
  scheduleLog,
  streamIndexOf,
  workflowLog,
  type LogLayout,
  type LogStreamCount,
} from './layout.ts';
