import { z } from 'zod';
import type { Fault } from '#libs/execution-engine';
import { InvariantError, type JsonValue } from '#libs/kernel';

/** Where the letter lies: in which workspace, and whose work it was. */
interface OfDeadLetter {
  readonly id: string;
  readonly workspaceId: string;
  /** Class of the worker that could not do it, e.g. `http`; `engine` for what is computed in decisions. */
  readonly executor: string;
  readonly at: string;
}

/** Work as the queue carries it: `queue` is `start.<lane>.<shard>`, `run.<executor>` or `due`. */
export interface QueuedWork {
  readonly queue: string;
  readonly payload: JsonValue;
}

export interface DeadLettered extends OfDeadLetter {
  readonly type: 'DeadLettered';
  /** `failed`: the execution failed with it. `poison`: it could not be worked on, and what came of it is not recorded. */
  readonly kind: 'failed' | 'poison';
  readonly executionId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  /** Of the node that failed; null for poison that is about no node. */
  readonly nodeId: string | null;
  readonly nodeType: string | null;
  /** At the node, counted by the engine; for poison how often it was delivered. */
  readonly attempts: number;
  readonly error: Fault;
  /** Null when it never was in a queue. */
  readonly task: QueuedWork | null;
}
/** Its work goes on in this execution: a new one, or for poison the same. */
export interface Redriven extends OfDeadLetter {
  readonly type: 'Redriven';
  readonly executionId: string;
}
export interface Discarded extends OfDeadLetter {
  readonly type: 'Discarded';
  readonly actor: { readonly type: 'user' | 'apiKey'; readonly id: string };
}

export type DeadLetterFact = DeadLettered | Redriven | Discarded;

const json = z.custom<JsonValue>((value) => value !== undefined);
const ofDeadLetter = { id: z.string(), workspaceId: z.string(), executor: z.string(), at: z.string() };

// Released shapes are frozen: a new one comes beside the old, never as an edit here.
const factSchema: z.ZodType<DeadLetterFact> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('DeadLettered'),
    ...ofDeadLetter,
    kind: z.enum(['failed', 'poison']),
    executionId: z.string(),
    workflowId: z.string(),
    workflowVersion: z.int().min(0),
    nodeId: z.string().nullable(),
    nodeType: z.string().nullable(),
    attempts: z.int().min(0),
    error: z.object({ code: z.string(), message: z.string(), details: json.optional() }),
    task: z.object({ queue: z.string(), payload: json }).nullable(),
  }),
  z.object({ type: z.literal('Redriven'), ...ofDeadLetter, executionId: z.string() }),
  z.object({
    type: z.literal('Discarded'),
    ...ofDeadLetter,
    actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }),
  }),
]);

export function encodeFact(fact: DeadLetterFact): string {
  return JSON.stringify(fact);
}

/** `sequence` is for the message of an error alone. */
export function decodeFact(data: Uint8Array, sequence: number): DeadLetterFact {
  const parsed = factSchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
  if (parsed.success) return parsed.data;
  throw new InvariantError(`message ${sequence} is no fact of a dead letter: ${z.prettifyError(parsed.error)}`);
}
