import { z } from 'zod';
import { InvariantError, isJsonObject, type JsonObject } from '#libs/kernel';
import {
  currentShapeOf,
  upcast,
  type Commit,
  type DomainEvent,
  type StoredCommit,
  type TaskMessage,
  type TimerMessage,
  type Upcasters,
} from '#libs/event-sourcing';

const NEWLINE = 0x0a;

const task = z.object({ queue: z.string(), payload: z.custom<JsonObject>(isJsonObject) });
const timer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('arm'), id: z.string(), dueAt: z.string() }),
  z.object({ kind: z.literal('drop'), id: z.string() }),
]);
const envelopeSchema = z.object({
  id: z.string(),
  aggregateId: z.string(),
  firstVersion: z.int().min(1),
  at: z.string(),
  actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }).optional(),
  tasks: z.array(task).optional(),
  timers: z.array(timer).optional(),
  snapshotSequence: z.int().min(1).optional(),
});

/** The first line of a commit: what it is about, and what follows from it. */
export interface CommitEnvelope {
  readonly id: string;
  readonly aggregateId: string;
  readonly firstVersion: number;
  readonly at: string;
  readonly tasks?: readonly TaskMessage[] | undefined;
  readonly timers?: readonly TimerMessage[] | undefined;
}

/**
 * A commit on the wire is two or three lines of JSON: the envelope, the events, and the snapshot when there is one.
 * JSON never holds a line break, so each reader takes the lines that it needs and parses no more: the dispatcher the
 * first, projections two, who continues an execution the last.
 */
export interface CommitCodec<Event extends DomainEvent> {
  encode(commit: Commit<Event>): string;
  /** The whole commit. Throws InvariantError with the sequence when the message is not one of this kind. */
  decode(data: Uint8Array, sequence: number): StoredCommit<Event>;
  /** The commit without its snapshot, which is most of its bytes. */
  decodeEvents(data: Uint8Array, sequence: number): StoredCommit<Event>;
}

/** Events that a schema of today does not read are brought to its shape first. */
export function createCommitCodec<Event extends DomainEvent>(
  eventSchema: z.ZodType<Event>,
  upcasters: Upcasters = {},
): CommitCodec<Event> {
  const eventsSchema = z.array(eventSchema).min(1);
  const isUpcasting = Object.keys(upcasters).length > 0;
  const current = (events: unknown): unknown =>
    isUpcasting && Array.isArray(events) ? events.map((event) => upcast(upcasters, event)) : events;
  const decodeEvents = (data: Uint8Array, sequence: number): StoredCommit<Event> => {
    const [envelope, events] = linesOf(data);
    const parsed = eventsSchema.safeParse(current(parseJson(events, sequence)));
    if (!parsed.success) throw unreadable(sequence, parsed.error);
    return { ...decodeEnvelope(envelope, sequence), events: parsed.data, sequence };
  };
  return {
    encode: (commit) => encode(isUpcasting ? shaped(commit, upcasters) : commit),
    decodeEvents,
    decode: (data, sequence) => {
      const snapshot = linesOf(data)[2];
      const commit = decodeEvents(data, sequence);
      return snapshot ? { ...commit, snapshot: parseJson(snapshot, sequence) } : commit;
    },
  };
}

/** Only what a commit is about and what follows from it. Throws InvariantError when the message is not a commit. */
export function readEnvelope(data: Uint8Array, sequence: number): CommitEnvelope {
  return decodeEnvelope(linesOf(data)[0], sequence);
}

/** The text of a commit's snapshot, unparsed; undefined when it has none. */
export function readSnapshotLine(data: Uint8Array): string | undefined {
  const snapshot = linesOf(data)[2];
  return snapshot && Buffer.from(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength).toString();
}

function encode({ events, snapshot, ...envelope }: Commit): string {
  const lines = `${JSON.stringify(envelope)}\n${JSON.stringify(events)}`;
  return snapshot === undefined ? lines : `${lines}\n${JSON.stringify(snapshot)}`;
}

/** Each event says of which shape it is, unless that is the first. */
function shaped(commit: Commit, upcasters: Upcasters): Commit {
  const events = commit.events.map((event) => {
    const shape = currentShapeOf(upcasters, event.type);
    return shape === 1 ? event : { type: event.type, shape, data: event.data };
  });
  return { ...commit, events };
}

function decodeEnvelope(line: Uint8Array | undefined, sequence: number): CommitEnvelope {
  const parsed = envelopeSchema.safeParse(parseJson(line, sequence));
  if (!parsed.success) throw unreadable(sequence, parsed.error);
  return parsed.data;
}

function linesOf(data: Uint8Array): readonly [envelope: Uint8Array, events?: Uint8Array, snapshot?: Uint8Array] {
  const first = data.indexOf(NEWLINE);
  if (first < 0) return [data];
  const second = data.indexOf(NEWLINE, first + 1);
  if (second < 0) return [data.subarray(0, first), data.subarray(first + 1)];
  return [data.subarray(0, first), data.subarray(first + 1, second), data.subarray(second + 1)];
}

function parseJson(line: Uint8Array | undefined, sequence: number): unknown {
  if (!line) throw new InvariantError(`message ${sequence} is not a commit: a line is missing`);
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString());
  } catch (cause) {
    throw new InvariantError(`message ${sequence} is not JSON`, { cause });
  }
}

function unreadable(sequence: number, error: z.ZodError): InvariantError {
  return new InvariantError(`message ${sequence} is not a commit that this version reads: ${z.prettifyError(error)}`);
}
