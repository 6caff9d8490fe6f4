import { WorkConsumer, type JetStreamConnection } from '#libs/jetstream';
import { RouteBucket, routesOf, type Route } from '#libs/webhook-routes';
import type { Endpoint, WorkflowEvent } from '#libs/workflow-definition';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { ROUTES_CONSUMER } from '../webhooks/routes-consumer.ts';
import { findDefinition } from '../workflows/load-plan.ts';

export interface RoutesPublisherParts {
  readonly connection: JetStreamConnection;
  readonly log: WorkflowLog;
  readonly bucket: RouteBucket;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** Whether an event may change what a workflow's URLs lead to. They lead to the active version, so a new one does not. */
const CHANGES_ROUTES: Readonly<Record<WorkflowEvent['type'], boolean>> = {
  WorkflowCreated: false,
  WorkflowVersionPublished: false,
  WorkflowActivated: true,
  WorkflowDeactivated: true,
  WorkflowArchived: true,
};

/**
 * Keeps the `routes` bucket at what the workflows' histories say. A message only says that a workflow's routes changed;
 * what is written comes from its whole history, so an old message repeated does no harm.
 */
export function createRoutesPublisher(parts: RoutesPublisherParts): WorkConsumer {
  const { connection, log, bucket, onError, ensureConsumer } = parts;
  return new WorkConsumer(connection, {
    stream: log.layout.streamOf(''),
    consumer: ROUTES_CONSUMER.durable_name,
    slots: 1,
    ackWaitMs: (ROUTES_CONSUMER.ack_wait ?? 0) / 1e6,
    work: async (message, { sequence }) => {
      const { aggregateId, events } = log.codec.decodeEvents(message.data, sequence);
      if (!events.some(({ type }) => CHANGES_ROUTES[type])) return;
      const workflow = await foldRouted(log, aggregateId);
      await bucket.bring(
        workflow.endpoints.map((one) => one.token),
        workflow.routes,
      );
    },
    onError,
    onGone: ensureConsumer,
  });
}

async function foldRouted(log: WorkflowLog, workflowId: string) {
  const folded = new RoutedFold();
  for await (const commit of log.store.readHistory(workflowId)) commit.events.forEach((event) => folded.take(event));
  const { endpoints, workspaceId, active } = folded;
  // Read on its own: a fold that kept every definition would hold hundreds of 1 MiB for the sake of one.
  const definition = active === undefined ? undefined : await findDefinition(log.store, workflowId, active);
  if (active === undefined || !definition) return { endpoints, routes: new Map<string, Route>() };
  return { endpoints, routes: routesOf({ id: workflowId, workspaceId, version: active, definition, endpoints }) };
}

/** The part of a workflow's history that its routes depend on. */
class RoutedFold {
  readonly endpoints: Endpoint[] = [];
  workspaceId = '';
  active: number | undefined;

  take(event: WorkflowEvent): void {
    switch (event.type) {
      case 'WorkflowCreated':
        this.workspaceId = event.data.workspaceId;
        return;
      case 'WorkflowVersionPublished':
        this.endpoints.push(...event.data.newEndpoints);
        return;
      case 'WorkflowActivated':
        this.active = event.data.version;
        return;
      case 'WorkflowDeactivated':
      case 'WorkflowArchived':
        this.active = undefined;
    }
  }
}
