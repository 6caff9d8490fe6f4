import { z } from 'zod';

export const DIGEST_PATTERN = /^[0-9a-f]{64}$/;
export const digestField = z.string().regex(DIGEST_PATTERN);

/** Who did it: a person, a program with a key, or the installation itself (null). */
const actorField = z.looseObject({ type: z.enum(['user', 'apiKey']), id: z.string() }).nullable();

const caller = {
  actor: actorField,
  /** Of the actor, then. */
  role: z.string().optional(),
  /** Where the call came from; null when the connection was gone. */
  address: z.string().nullable(),
  /** What was asked for, e.g. `workflow.activate`. */
  action: z.string(),
  /** Id or name of what it was asked of; null where only the end tells. */
  target: z.string().nullable(),
  requestId: z.string(),
};

/** A few fields that say what changed, never a payload or a secret. */
export type Summary = Readonly<Record<string, unknown>>;
const summaryField = z.record(z.string(), z.unknown()).optional();

/** Somebody is about to change something: written before anything is done. */
const begun = { kind: z.literal('begun'), ...caller };
/** What became of it. Where it is missing, nobody knows: the process died, or the log did. */
const ended = {
  kind: z.literal('ended'),
  /** Index of the entry that began it. */
  of: z.int().min(0),
  /** Of the answer. */
  status: z.int(),
  /** Of a refusal. */
  code: z.string().optional(),
  target: z.string().nullable(),
  before: summaryField,
  after: summaryField,
};
/** Somebody whose reads are recorded is about to be shown payloads. */
const read = { kind: z.literal('read'), ...caller };
/** Something that only its end could tell of, as nobody was known before: a login. */
const noted = { kind: z.literal('noted'), ...caller };
/** Histories of executions as they were when they ended. */
const anchored = {
  kind: z.literal('anchored'),
  action: z.literal('histories.anchored'),
  histories: z.array(z.looseObject({ executionId: z.string(), events: z.int().min(1), digest: z.string() })).min(1),
};

const place = {
  /** From 0, without gaps. */
  index: z.int().min(0),
  at: z.string(),
  /** Hash of the entry before; zeros for none. */
  previous: digestField,
};

/** Loose: what a later version adds is part of what is hashed. */
export const auditEntrySchema = z.discriminatedUnion('kind', [
  z.looseObject({ ...place, ...begun }),
  z.looseObject({ ...place, ...ended }),
  z.looseObject({ ...place, ...read }),
  z.looseObject({ ...place, ...noted }),
  z.looseObject({ ...place, ...anchored }),
]);

type Fact<Fields extends z.core.$ZodShape> = z.output<z.ZodObject<Fields>>;
/** What is to be recorded. */
export type AuditFact =
  Fact<typeof begun> | Fact<typeof ended> | Fact<typeof read> | Fact<typeof noted> | Fact<typeof anchored>;
/** What was recorded, at its place in the chain. */
export type AuditEntry = AuditFact & {
  readonly index: number;
  readonly at: string;
  readonly previous: string;
};
export type AuditActor = z.output<typeof actorField>;
