import { z } from 'zod';
import { InvariantError } from '#libs/kernel';

/** What every job says of itself; `targets` are the ids of what is worked on, in that order. */
export const jobFields = {
  id: z.string(),
  workspaceId: z.string(),
  /** Whoever asked for it. */
  actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }),
  at: z.string(),
  perSecond: z.int().min(1),
  targets: z.array(z.string()),
  /** Whether there were more than a job takes. */
  isCut: z.boolean(),
};

export interface Job {
  readonly id: string;
  readonly workspaceId: string;
  readonly actor: { readonly type: 'user' | 'apiKey'; readonly id: string };
  readonly at: string;
  readonly perSecond: number;
  readonly targets: readonly string[];
  readonly isCut: boolean;
}

/** Targets of one job; its message holds them all. */
export const MAX_TARGETS = 10_000;
/** Refusals that are told one by one; the others are counted. */
export const MAX_REFUSALS_TOLD = 20;

const refusal = z.object({ target: z.string(), code: z.string() });

/** Jobs that redrove dead letters counted `redriven` before there were others. */
const upcastProgress = (stored: unknown): unknown =>
  typeof stored === 'object' && stored !== null && 'redriven' in stored ? { ...stored, done: stored.redriven } : stored;

const progressSchema = z.object({
  /** The first of the job's targets that was not dealt with. */
  next: z.int().min(0),
  done: z.int().min(0),
  refused: z.int().min(0),
  /** The first of them. */
  refusals: z.array(refusal).default([]),
  finishedAt: z.string().nullable(),
  /** Whether it ended because somebody wished it. */
  isCancelled: z.boolean().default(false),
});
export type JobProgress = z.infer<typeof progressSchema>;

export const NO_PROGRESS: JobProgress = {
  ...{ next: 0, done: 0, refused: 0, refusals: [], finishedAt: null, isCancelled: false },
};

export const parseProgress = parser(z.preprocess(upcastProgress, progressSchema));

/** Reads messages of one kind. Throws InvariantError when one is not of it. */
export function parser<Message>(schema: z.ZodType<Message>): (data: Uint8Array) => Message {
  return (data) => {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(data)));
    if (parsed.success) return parsed.data;
    throw new InvariantError(`not of a job of this version: ${z.prettifyError(parsed.error)}`);
  };
}
