import { z } from 'zod';
import { InvariantError } from '#libs/kernel';

/** Dead letters of one workspace to be redriven, one after the other. */
const jobSchema = z.object({
  id: z.string(),
  workspaceId: z.string(),
  /** Whoever asked for it. */
  actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }),
  at: z.string(),
  perSecond: z.int().min(1),
  /** In the order in which they are redriven: as they were listed when the job was asked for. */
  deadLetterIds: z.array(z.string()),
  /** Whether there were more than a job takes. */
  isCut: z.boolean(),
});
export type RedriveJob = z.infer<typeof jobSchema>;

const progressSchema = z.object({
  /** The first of the job's letters that was not dealt with. */
  next: z.int().min(0),
  redriven: z.int().min(0),
  refused: z.int().min(0),
  finishedAt: z.string().nullable(),
});
export type RedriveProgress = z.infer<typeof progressSchema>;

export const NO_PROGRESS: RedriveProgress = { next: 0, redriven: 0, refused: 0, finishedAt: null };

function parser<Message>(schema: z.ZodType<Message>): (data: Uint8Array) => Message {
  return (data) => {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(data)));
    if (parsed.success) return parsed.data;
    throw new InvariantError(`not of a redrive job of this version: ${z.prettifyError(parsed.error)}`);
  };
}

export const parseJob = parser(jobSchema);
export const parseProgress = parser(progressSchema);
