import { z } from 'zod';
import type { FollowUpStep } from './follow-ups.ts';

const ofExecution = { executionId: z.string() };
const gate = z.int().min(0);

/** Parses a follow-up task as the queue gives it back. */
export const followUpSchema: z.ZodType<FollowUpStep & { readonly executionId: string }> = z.discriminatedUnion('kind', [
  z.object({ ...ofExecution, kind: z.literal('stop') }),
  z.object({ ...ofExecution, kind: z.literal('admit'), gate }),
  z.object({ ...ofExecution, kind: z.literal('leave'), gate }),
  z.object({ ...ofExecution, kind: z.literal('joinParent') }),
  z.object({ ...ofExecution, kind: z.literal('tellParent') }),
  z.object({ ...ofExecution, kind: z.literal('cancelChildren'), children: z.array(z.string()) }),
  z.object({ ...ofExecution, kind: z.literal('startErrorWorkflow'), workflowId: z.string() }),
  z.object({ ...ofExecution, kind: z.literal('setAside') }),
  z.object({ ...ofExecution, kind: z.literal('tellDeadLetter'), deadLetterId: z.string() }),
]);
