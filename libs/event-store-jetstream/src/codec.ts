import { z } from 'zod';
import { InvariantError } from '#libs/kernel';
import type { Commit, DomainEvent, StoredCommit } from '#libs/event-sourcing';

const decoder = new TextDecoder();

const task = z.object({ queue: z.string(), payload: z.record(z.string(), z.json()) });
const timer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('arm'), id: z.string(), dueAt: z.string() }),
  z.object({ kind: z.literal('drop'), id: z.string() }),
]);

/** The envelope of a commit on the wire; the events' own schemas belong to their aggregate. */
function commitSchema<Event extends DomainEvent>(event: z.ZodType<Event>) {
  return z.object({
    id: z.string(),
    aggregateId: z.string(),
    firstVersion: z.int().min(1),
    at: z.string(),
    actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }).optional(),
    events: z.array(event).min(1),
    tasks: z.array(task).optional(),
    timers: z.array(timer).optional(),
    snapshot: z.unknown().optional(),
  });
}

export interface CommitCodec<Event extends DomainEvent> {
  encode(commit: Commit<Event>): string;
  /** Throws InvariantError with the sequence when the message is not a commit of this kind. */
  decode(data: Uint8Array, sequence: number): StoredCommit<Event>;
}

export function createCommitCodec<Event extends DomainEvent>(eventSchema: z.ZodType<Event>): CommitCodec<Event> {
  const schema = commitSchema(eventSchema);
  return {
    encode: (commit) => JSON.stringify(commit),
    decode: (data, sequence) => {
      const parsed = schema.safeParse(parseJson(data, sequence));
      if (!parsed.success) {
        throw new InvariantError(`message ${sequence} is not a commit that this version reads: ${z.prettifyError(parsed.error)}`);
      }
      return { ...parsed.data, sequence } as StoredCommit<Event>;
    },
  };
}

function parseJson(data: Uint8Array, sequence: number): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch (cause) {
    throw new InvariantError(`message ${sequence} is not JSON`, { cause });
  }
}
