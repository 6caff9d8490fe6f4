import { LogUnavailableError } from '#libs/event-sourcing';
import type { Clock } from '#libs/kernel';
import { desiredHooks, type DesiredHookOf, type HookedWorkflow, type HookNodeTypes } from './desired-hooks.ts';
import type { HookEntry } from './hook-entry.ts';
import type { HookStore } from './hook-store.ts';
import { withWanted } from './plan.ts';

/** How often it may change while it is looked at. */
const MOST_LOOKS = 10;

export interface ReadWorkflow extends HookedWorkflow {
  readonly workspaceId: string;
  /** Of the last event that is in it. */
  readonly sequence: number;
}

export interface WorkflowHistories {
  /** From its whole history; its sequence is 0 when there is none. */
  read(workflowId: string): Promise<ReadWorkflow>;
  /** Of its last event, as the leader of the log knows it. */
  lastSequence(workflowId: string): Promise<number>;
}

export interface BringHooksParts extends HookNodeTypes {
  readonly store: HookStore;
  readonly histories: WorkflowHistories;
  readonly clock: Clock;
  /** Of the key from which secrets are derived now. */
  readonly keyId: string;
}

/**
 * Writes down which hooks a workflow is to have; no service is called. Several may do it at once for the same workflow:
 * whoever has written looks whether there was more to know, and does it again then.
 */
export async function bringHooks(parts: BringHooksParts, workflowId: string): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const workflow = await parts.histories.read(workflowId);
    const { workspaceId, sequence } = workflow;
    for (const desired of desiredHooks(workflow, parts))
      await bringEndpoint(parts, { workspaceId, workflowId }, desired);
    if ((await parts.histories.lastSequence(workflowId)) === sequence) return;
  }
  throw new LogUnavailableError(`${workflowId} changes faster than it can be read`);
}

async function bringEndpoint(
  { store, clock, keyId }: BringHooksParts,
  workflow: Pick<HookEntry, 'workspaceId' | 'workflowId'>,
  { webhookId, nodeId, hook }: DesiredHookOf,
): Promise<void> {
  if (hook === 'unknown') return;
  const place = { ...workflow, webhookId };
  await store.change(place, (entry) => {
    if (!entry && !hook) return undefined;
    return withWanted(entry ?? { ...place, nodeId, hooks: [] }, hook, { nowMs: clock.nowMs(), keyId });
  });
}
