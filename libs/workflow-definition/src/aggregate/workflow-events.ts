import { z } from 'zod';
import type { DomainEvent } from '#libs/event-sourcing';
import type { Problem } from '#libs/kernel';
import type { WorkflowDefinition } from '../definition.ts';

/** Where a `trigger.webhook` node is reached; stays with the node's id through versions. */
export interface Endpoint {
  readonly webhookId: string;
  readonly nodeId: string;
  /** The unguessable last part of the URL. */
  readonly token: string;
}

export type WorkflowCreated = DomainEvent<'WorkflowCreated', { readonly workspaceId: string }>;
export type WorkflowVersionPublished = DomainEvent<
  'WorkflowVersionPublished',
  {
    /** From 1, without gaps. */
    readonly version: number;
    readonly definition: WorkflowDefinition;
    /** Of webhook nodes that the workflow did not have before. */
    readonly newEndpoints: readonly Endpoint[];
    /** `sha256:<hex>` of the definition; versions of before there were hashes have none. */
    readonly contentHash?: string | undefined;
    /** What validation had to say and accepted all the same; absent when nothing. */
    readonly warnings?: readonly Problem[] | undefined;
  }
>;
export type WorkflowActivated = DomainEvent<'WorkflowActivated', { readonly version: number }>;
export type WorkflowDeactivated = DomainEvent<'WorkflowDeactivated', Record<never, never>>;
/** Its URL has this token from now on. */
export type WebhookRotated = DomainEvent<
  'WebhookRotated',
  {
    readonly webhookId: string;
    readonly token: string;
    /** Until when the URL of before works too; absent: not any more, nor does any earlier one. */
    readonly graceUntil?: string | undefined;
  }
>;
/** The last event: what is archived is not there any more, but for its executions and this history. */
export type WorkflowArchived = DomainEvent<'WorkflowArchived', Record<never, never>>;

export type WorkflowEvent =
  | WorkflowCreated
  | WorkflowVersionPublished
  | WorkflowActivated
  | WorkflowDeactivated
  | WebhookRotated
  | WorkflowArchived;

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data });

const endpoint = z.object({ webhookId: z.string(), nodeId: z.string(), token: z.string() });
const problem = z.object({ path: z.string(), message: z.string() });

// Released shapes are frozen: a new one comes as an upcaster with a stored sample, never as an edit here. A field that
// may be absent may be added, with a sample that has it.
export const workflowEventSchema: z.ZodType<WorkflowEvent> = z.discriminatedUnion('type', [
  event('WorkflowCreated', z.object({ workspaceId: z.string() })),
  event(
    'WorkflowVersionPublished',
    z.object({
      version: z.int().min(1),
      // Checked in full when it was published; what was accepted then stays readable whatever the rules are now.
      definition: z.custom<WorkflowDefinition>((value) => typeof value === 'object' && value !== null),
      newEndpoints: z.array(endpoint),
      contentHash: z.string().optional(),
      warnings: z.array(problem).optional(),
    }),
  ),
  event('WorkflowActivated', z.object({ version: z.int().min(1) })),
  event('WorkflowDeactivated', z.object({})),
  event('WebhookRotated', z.object({ webhookId: z.string(), token: z.string(), graceUntil: z.string().optional() })),
  event('WorkflowArchived', z.object({})),
]);
