import { JetStreamApiError } from '@nats-io/jetstream';
import { PublishRefusedError } from './publisher.ts';

/** `wrong last sequence`, and the same found while another proposal was in flight (replicated streams). */
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);

/** Whether the server refused a write because it expected another last message than there is. */
export function wasWrittenMeanwhile(error: unknown): boolean {
  if (error instanceof PublishRefusedError) return WRONG_LAST_SEQUENCE.has(error.errorCode);
  return error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code);
}
