import { z } from 'zod';
import { epochMsOf } from '#libs/kernel';
import type { EndpointRecord, WorkflowRecord } from '#libs/read-models';
import { methodsOf } from '#libs/webhook-routes';
import type { WorkflowDefinition } from '#libs/workflow-definition';
import { instant } from './workflow-view.ts';

export const webhookView = z
  .object({
    id: z.string().meta({ description: 'Starts with `wh_`.' }),
    nodeId: z.string(),
    url: z.url().meta({ description: 'Who knows it can call it; stays through versions until it is rotated.' }),
    method: z.union([z.string(), z.array(z.string())]).meta({ description: 'One, or those that the node takes.' }),
    active: z.boolean().meta({ description: 'Whether the active version has the node: its URL answers.' }),
    createdAt: instant,
    previousUrlUntil: instant
      .optional()
      .meta({ description: 'There while a URL of before a rotation works too: when the last one stops.' }),
  })
  .meta({
    id: 'Webhook',
    description: 'The endpoint of a `trigger.webhook` node.',
    examples: [
      {
        id: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'order',
        url: 'https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg',
        method: 'POST',
        active: true,
        createdAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type WebhookView = z.output<typeof webhookView>;

export interface WebhookViewing {
  /** Of the active version; undefined when none is. */
  readonly active: WorkflowDefinition | undefined;
  readonly publicUrl: string;
  readonly nowMs: number;
}

/** Of the webhook nodes that the latest version or the active one has; only those of the active one answer. */
export function webhookViewsOf(
  { endpoints, definition }: Pick<WorkflowRecord, 'endpoints' | 'definition'>,
  viewing: WebhookViewing,
): WebhookView[] {
  return endpoints.flatMap((endpoint) => {
    const activeNode = webhookNode(viewing.active, endpoint.nodeId);
    const node = activeNode ?? webhookNode(definition, endpoint.nodeId);
    if (!node) return [];
    const methods = methodsOf(node.config['method']);
    const method = Array.isArray(node.config['method']) ? methods : methods.join();
    return [{ ...webhookViewOf(endpoint, viewing), method, active: activeNode !== undefined }];
  });
}

function webhookViewOf(
  { webhookId, nodeId, token, createdAt, earlier = [] }: EndpointRecord,
  { publicUrl, nowMs }: WebhookViewing,
): Omit<WebhookView, 'method' | 'active'> {
  const previousUrlUntil = earlier
    .map(({ until }) => until)
    .toSorted()
    .at(-1);
  const isOver = previousUrlUntil === undefined || epochMsOf(previousUrlUntil) <= nowMs;
  const url = `${publicUrl}/hooks/${token}`;
  return { id: webhookId, nodeId, url, createdAt, ...(isOver ? {} : { previousUrlUntil }) };
}

function webhookNode(definition: WorkflowDefinition | undefined, nodeId: string) {
  return definition?.nodes.find((node) => node.id === nodeId && node.type === 'trigger.webhook');
}
