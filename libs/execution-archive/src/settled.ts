import type { JetStreamManager } from '@nats-io/jetstream';
import { appliedSequence, type Database } from '#libs/read-models';

/**
 * Up to which sequence a log stream is done with: read models have it, and what follows from it was handed out. What lies
 * above may still be read from there by who makes something of it.
 */
export async function settledSequence(
  manager: JetStreamManager,
  database: Database,
  { stream, dispatcher }: { readonly stream: string; readonly dispatcher: string },
): Promise<number> {
  const [{ ack_floor, delivered, num_pending, num_ack_pending }, applied] = await Promise.all([
    manager.consumers.info(stream, dispatcher),
    appliedSequence(database, stream),
  ]);
  // The floor stays where the last acknowledgement left it when trimmed messages follow.
  const handedOut = num_pending + num_ack_pending === 0 ? delivered.stream_seq : ack_floor.stream_seq;
  return Math.min(handedOut, applied);
}
