import type { JetStreamManager } from '@nats-io/jetstream';
import { InvariantError } from '#libs/kernel';
import { digestOf, type Checkpoint } from './checkpoint.ts';

/** The log is not the one that the read models were made from, or it went back. Needs a person; nothing was written. */
export class LogRolledBackError extends InvariantError {}

/** Of the message applied last; undefined when the log holds it no more, as old ones are trimmed. */
export async function digestAt(
  manager: JetStreamManager,
  { stream, sequence }: Checkpoint,
): Promise<string | undefined> {
  const message = sequence > 0 ? await manager.streams.getMessage(stream, { seq: sequence }) : null;
  return message ? digestOf(message.data) : undefined;
}

export function ensureSameLog(
  { stream, createdAt, sequence, digest }: Checkpoint,
  log: { created: string; lastSequence: number; digest: string | undefined },
): void {
  if (createdAt !== log.created) {
    throw new LogRolledBackError(
      `${stream} was created at ${log.created}, the read models follow one of ${createdAt}: it was replaced. ` +
        'Restore the log, or rebuild the read models from this one.',
    );
  }
  if (log.lastSequence < sequence) {
    throw new LogRolledBackError(
      `${stream} ends at ${log.lastSequence}, the read models have applied ${sequence}: the log went back. ` +
        'Restore the log, or rebuild the read models from this one.',
    );
  }
  if (log.digest !== undefined && log.digest !== digest) {
    throw new LogRolledBackError(
      `${stream} holds another message at ${sequence} than the one that was applied: the log went back and grew again. ` +
        'Restore the log, or rebuild the read models from this one.',
    );
  }
}
