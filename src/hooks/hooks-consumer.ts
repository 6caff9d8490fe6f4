import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { DesiredConsumer } from '#libs/jetstream';

/** Of workflows' histories, shared by all workers: which hooks are to be there. Whoever is slow holds up nobody. */
export const HOOKS_CONSUMER: DesiredConsumer = {
  durable_name: 'hooks',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: 10_000_000_000,
  max_ack_pending: 100,
};
