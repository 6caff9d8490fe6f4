import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { DesiredConsumer } from '#libs/jetstream';

/** One message at a time over all processes: a schedule is armed and disarmed in the order of its workflow's history. */
export const ARMING_CONSUMER: DesiredConsumer = {
  durable_name: 'schedules',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  // Who begins to lead waits for what a scheduler that died had in hand.
  ack_wait: 3_000_000_000,
  max_ack_pending: 1,
};
