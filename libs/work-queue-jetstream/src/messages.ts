import { z } from 'zod';
import type { Msg } from '@nats-io/nats-core';
import { InvariantError } from '#libs/kernel';

/** The part of a commit that the dispatcher needs; its events are none of its business. */
const followUps = z.object({
  aggregateId: z.string(),
  tasks: z.array(z.object({ queue: z.string(), payload: z.record(z.string(), z.unknown()) })).optional(),
  timers: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('arm'), id: z.string(), dueAt: z.string() }),
        z.object({ kind: z.literal('drop'), id: z.string() }),
      ]),
    )
    .optional(),
});
export type FollowUps = z.infer<typeof followUps>;

const startTask = z.object({ executionId: z.string() });
export type StartTask = z.infer<typeof startTask>;

const attemptTask = z.object({ executionId: z.string(), nodeId: z.string(), attempt: z.int().min(1) });
/** One attempt at one node, to be made by an executor. */
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

const parsePresent = parser(followUps);
const NAMES = ['"tasks":', '"timers":'].map((name) => Buffer.from(name));

/** What follows from a commit; most commits' last ones have nothing, which is seen without parsing them. */
export function parseFollowUps(message: Msg): FollowUps | undefined {
  const bytes = Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength);
  return NAMES.some((name) => bytes.includes(name)) ? parsePresent(message.json()) : undefined;
}

export const parseStartTask = parser(startTask);
export const parseAttemptTask = parser(attemptTask);
export const parseDueTimer = parser(dueTimer);
