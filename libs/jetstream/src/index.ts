export { elapsed } from './elapsed.ts';
export { openBucket, placeOfBucket, type Bucket, type BucketOptions } from './bucket.ts';
export { BucketMirror, type BucketMirrorOptions } from './bucket-mirror.ts';
export { ConditionWaits } from './condition-waits.ts';
export { JetStreamConnection, type ConnectionOptions } from './connection.ts';
export { deliveryInfoOf, type DeliveryInfo } from './delivery.ts';
export { JetStreamPublisher, MAX_UNACKNOWLEDGED, PublishRefusedError, type PublishOptions } from './publisher.ts';
export { PullFlow, type PullFlowOptions } from './pull-flow.ts';
export { MAX_SUBJECTS_AT_ONCE, readLastOfEach, subjectsOf } from './read-many.ts';
export {
  countFrom,
  readLast,
  readLastFromLeader,
  readNextFromLeader,
  readSubject,
  storedAtOfNext,
  StreamMissingError,
  type StoredMessage,
} from './read.ts';
export {
  reconcileConsumer,
  reconcileStream,
  type DesiredConsumer,
  type DesiredStream,
  type Reconciled,
} from './reconcile.ts';
export { StreamFollower, type StreamFollowerOptions } from './stream-follower.ts';
export { StreamPlace } from './stream-place.ts';
export {
  GivenBack,
  REDELIVER_AFTER_MS,
  WorkConsumer,
  type AfterFailure,
  type WorkConsumerOptions,
} from './work-consumer.ts';
export { wasWrittenMeanwhile } from './written-meanwhile.ts';
