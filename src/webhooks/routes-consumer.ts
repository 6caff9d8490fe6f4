import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { DesiredConsumer } from '#libs/jetstream';

/** One message at a time over all processes, so that an older state never overwrites a newer one in the bucket. */
export const ROUTES_CONSUMER: DesiredConsumer = {
  durable_name: 'routes',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: 10_000_000_000,
  max_ack_pending: 1,
};
