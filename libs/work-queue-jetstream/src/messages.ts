import { z } from 'zod';
import { InvariantError } from '#libs/kernel';

const startTask = z.object({ executionId: z.string() });
export type StartTask = z.infer<typeof startTask>;

const attemptTask = z.object({
  executionId: z.string(),
  nodeId: z.string(),
  attempt: z.int().min(1),
  batch: z.int().min(0).optional(),
  putBacks: z.int().min(1).optional(),
});
/** One attempt at one node, or at a batch of it, to be made by an executor. */
export type AttemptTask = z.infer<typeof attemptTask>;

const dueTimer = z.object({ executionId: z.string(), timerId: z.string() });
export type DueTimer = z.infer<typeof dueTimer>;

function parser<Message>(schema: z.ZodType<Message>): (payload: unknown) => Message {
  return (payload) => {
    const parsed = schema.safeParse(payload);
    if (!parsed.success) throw new InvariantError(`not a task of this version: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };
}

export const parseStartTask = parser(startTask);
export const parseAttemptTask = parser(attemptTask);
export const parseDueTimer = parser(dueTimer);
