import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { DesiredStream } from '#libs/jetstream';
import type { DeliveryEntry } from './delivery-entry.ts';

export const DELIVERY_STREAM = 'DELIVERIES';

/** Whoever may call a webhook may fill it: beyond this the oldest entries go before their time. */
const MAX_BYTES = 1024 * 1024 * 1024;

export function deliveryStream(replicas: number, keptMs: number): DesiredStream {
  return {
    name: DELIVERY_STREAM,
    description: 'Calls of webhooks that became no execution, and why',
    subjects: ['deliveries.*.*'],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: keptMs * 1e6,
    max_bytes: MAX_BYTES,
    storage: StorageType.File,
    num_replicas: replicas,
  };
}

export function deliverySubject({ workspaceId, webhookId }: DeliveryEntry): string {
  return `deliveries.${workspaceId}.${webhookId}`;
}
