export { openBucket, type Bucket } from './bucket.ts';
export { JetStreamConnection, type ConnectionOptions } from './connection.ts';
export { deliveryInfoOf, type DeliveryInfo } from './delivery.ts';
export { JetStreamPublisher, MAX_UNACKNOWLEDGED, PublishRefusedError, type PublishOptions } from './publisher.ts';
export { PullFlow, type PullFlowOptions } from './pull-flow.ts';
export { readLast, readLastFromLeader, readNextFromLeader, readSubject, type StoredMessage } from './read.ts';
export {
  reconcileConsumer,
  reconcileStream,
  type DesiredConsumer,
  type DesiredStream,
  type Reconciled,
} from './reconcile.ts';
export { StreamFollower, type StreamFollowerOptions } from './stream-follower.ts';
export { REDELIVER_AFTER_MS, WorkConsumer, type AfterFailure, type WorkConsumerOptions } from './work-consumer.ts';
