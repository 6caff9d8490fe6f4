import type { EventStore } from '#libs/event-sourcing';
import {
  afterRotation,
  type RotatedEndpoint,
  type WorkflowDefinition,
  type WorkflowEvent,
} from '#libs/workflow-definition';
import { findDefinition } from './load-plan.ts';

/** Whether an event may change what a workflow's URLs lead to. They lead to the active version, so a new one does not. */
export const CHANGES_REACH: Readonly<Record<WorkflowEvent['type'], boolean>> = {
  WorkflowCreated: false,
  WorkflowVersionPublished: false,
  WorkflowActivated: true,
  WorkflowDeactivated: true,
  WebhookRotated: true,
  WorkflowArchived: true,
};

/** A workflow as it is reached from outside. */
export interface ReachedWorkflow {
  readonly workspaceId: string;
  /** Of all versions. */
  readonly endpoints: readonly RotatedEndpoint[];
  /** All that there ever were. Those of now come last: who sees them written sees the others as they are to be. */
  readonly tokens: readonly string[];
  /** The active version. */
  readonly active: { readonly version: number; readonly definition: WorkflowDefinition } | undefined;
  /** Of the last event that is in it; 0 when there is none. */
  readonly sequence: number;
}

/** From its whole history, so that an old message repeated does no harm. */
export async function readReachedWorkflow(
  store: EventStore<WorkflowEvent>,
  workflowId: string,
): Promise<ReachedWorkflow> {
  const folded = new ReachFold();
  let sequence = 0;
  for await (const commit of store.readHistory(workflowId)) {
    for (const event of commit.events) folded.take(event, commit.at);
    sequence = commit.sequence;
  }
  const { endpoints, tokens, workspaceId, active: version } = folded;
  const reached = { endpoints, tokens, workspaceId, sequence };
  // Read on its own: a fold that kept every definition would hold hundreds of 1 MiB for the sake of one.
  const definition = version === undefined ? undefined : await findDefinition(store, workflowId, version);
  if (version === undefined || !definition) return { ...reached, active: undefined };
  return { ...reached, active: { version, definition } };
}

class ReachFold {
  endpoints: readonly RotatedEndpoint[] = [];
  workspaceId = '';
  active: number | undefined;
  /** That were an endpoint's before a rotation. */
  readonly #earlier: string[] = [];

  get tokens(): readonly string[] {
    return [...this.#earlier, ...this.endpoints.map(({ token }) => token)];
  }

  take(event: WorkflowEvent, at: string): void {
    switch (event.type) {
      case 'WorkflowCreated':
        this.workspaceId = event.data.workspaceId;
        return;
      case 'WorkflowVersionPublished':
        this.endpoints = [...this.endpoints, ...event.data.newEndpoints];
        return;
      case 'WebhookRotated':
        this.#rotate(event.data, at);
        return;
      case 'WorkflowActivated':
        this.active = event.data.version;
        return;
      case 'WorkflowDeactivated':
      case 'WorkflowArchived':
        this.active = undefined;
    }
  }

  #rotate(rotated: Parameters<typeof afterRotation>[1], at: string): void {
    const before = this.endpoints.find(({ webhookId }) => webhookId === rotated.webhookId);
    if (before) this.#earlier.push(before.token);
    this.endpoints = afterRotation(this.endpoints, rotated, at);
  }
}
