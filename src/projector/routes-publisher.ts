import { WorkConsumer, type JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { RouteBucket, routesOf, type Route } from '#libs/webhook-routes';
import { afterRotation, type RotatedEndpoint, type WorkflowEvent } from '#libs/workflow-definition';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { ROUTES_CONSUMER } from '../webhooks/routes-consumer.ts';
import { findDefinition } from '../workflows/load-plan.ts';

export interface RoutesPublisherParts {
  readonly connection: JetStreamConnection;
  readonly log: WorkflowLog;
  readonly bucket: RouteBucket;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** Whether an event may change what a workflow's URLs lead to. They lead to the active version, so a new one does not. */
const CHANGES_ROUTES: Readonly<Record<WorkflowEvent['type'], boolean>> = {
  WorkflowCreated: false,
  WorkflowVersionPublished: false,
  WorkflowActivated: true,
  WorkflowDeactivated: true,
  WebhookRotated: true,
  WorkflowArchived: true,
};

/**
 * Keeps the `routes` bucket at what the workflows' histories say. A message only says that a workflow's routes changed;
 * what is written comes from its whole history, so an old message repeated does no harm.
 */
export function createRoutesPublisher(parts: RoutesPublisherParts): WorkConsumer {
  const { connection, log, bucket, clock, onError, ensureConsumer } = parts;
  return new WorkConsumer(connection, {
    stream: log.layout.streamOf(''),
    consumer: ROUTES_CONSUMER.durable_name,
    slots: 1,
    ackWaitMs: (ROUTES_CONSUMER.ack_wait ?? 0) / 1e6,
    work: async (message, { sequence }) => {
      const { aggregateId, events } = log.codec.decodeEvents(message.data, sequence);
      if (!events.some(({ type }) => CHANGES_ROUTES[type])) return;
      const { tokens, routes } = await foldRouted(log, aggregateId);
      await bucket.bring(tokens, routes, clock.nowMs());
    },
    onError,
    onGone: ensureConsumer,
  });
}

async function foldRouted(log: WorkflowLog, workflowId: string) {
  const folded = new RoutedFold();
  for await (const commit of log.store.readHistory(workflowId))
    for (const event of commit.events) folded.take(event, commit.at);
  const { endpoints, tokens, workspaceId, active } = folded;
  // Read on its own: a fold that kept every definition would hold hundreds of 1 MiB for the sake of one.
  const definition = active === undefined ? undefined : await findDefinition(log.store, workflowId, active);
  if (active === undefined || !definition) return { tokens, routes: new Map<string, Route>() };
  return { tokens, routes: routesOf({ id: workflowId, workspaceId, version: active, definition, endpoints }) };
}

/** The part of a workflow's history that its routes depend on. */
class RoutedFold {
  endpoints: readonly RotatedEndpoint[] = [];
  workspaceId = '';
  active: number | undefined;
  /** That were an endpoint's before a rotation. */
  readonly #earlier: string[] = [];

  /** All that there ever were. Those of now come last: who sees them written sees the others as they are to be. */
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
