import { WorkConsumer, type JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { RouteBucket, routesOf, type Route } from '#libs/webhook-routes';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { ROUTES_CONSUMER } from '../webhooks/routes-consumer.ts';
import { CHANGES_REACH, readReachedWorkflow } from '../workflows/reached-workflow.ts';

export interface RoutesPublisherParts {
  readonly connection: JetStreamConnection;
  readonly log: WorkflowLog;
  readonly bucket: RouteBucket;
  readonly nodeTypes: NodeTypes;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/**
 * Keeps the `routes` bucket at what the workflows' histories say. A message only says that a workflow's routes changed;
 * what is written comes from its whole history, so an old message repeated does no harm.
 */
export function createRoutesPublisher(parts: RoutesPublisherParts): WorkConsumer {
  const { connection, log, bucket, nodeTypes, clock, onError, ensureConsumer } = parts;
  return new WorkConsumer(connection, {
    stream: log.layout.streamOf(''),
    consumer: ROUTES_CONSUMER.durable_name,
    slots: 1,
    ackWaitMs: (ROUTES_CONSUMER.ack_wait ?? 0) / 1e6,
    work: async (message, { sequence }) => {
      const { aggregateId, events } = log.codec.decodeEvents(message.data, sequence);
      if (!events.some(({ type }) => CHANGES_REACH[type])) return;
      const { tokens, workspaceId, endpoints, active } = await readReachedWorkflow(log.store, aggregateId);
      const routes = active
        ? routesOf({ id: aggregateId, workspaceId, endpoints, ...active }, nodeTypes)
        : new Map<string, Route>();
      await bucket.bring(tokens, routes, clock.nowMs());
    },
    onError,
    onGone: ensureConsumer,
  });
}
