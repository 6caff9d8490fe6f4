import { z } from 'zod';
import type { NodeTypes } from '#libs/node-kit';
import type { WorkflowRecord } from '#libs/read-models';
import { methodsOf } from '#libs/webhook-routes';
import type { NodeDefinition } from '#libs/workflow-definition';
import { isCalled } from '../node-types/called-types.ts';
import { endpointsOf, previousUntilOf, type EndpointViewing } from './endpoints-of.ts';
import { instant } from './workflow-view.ts';

export const webhookView = z
  .object({
    id: z.string().meta({ description: 'Starts with `wh_`.' }),
    nodeId: z.string(),
    type: z.string().meta({ description: 'Of the node: `trigger.webhook`, or a trigger that a service calls.' }),
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
    description: 'The endpoint of a `trigger.webhook` node, or of another trigger that is called.',
    examples: [
      {
        id: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'order',
        type: 'trigger.webhook',
        url: 'https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg',
        method: 'POST',
        active: true,
        createdAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type WebhookView = z.output<typeof webhookView>;

export interface WebhookViewing extends EndpointViewing {
  readonly publicUrl: string;
  readonly nodeTypes: NodeTypes;
}

/** Of the webhook nodes that the latest version or the active one has; only those of the active one answer. */
export function webhookViewsOf(
  record: Pick<WorkflowRecord, 'endpoints' | 'definition'>,
  { active, publicUrl, nodeTypes, nowMs }: WebhookViewing,
): WebhookView[] {
  const viewed = endpointsOf(record, (type) => isCalled(nodeTypes, type), active);
  return viewed.map(({ endpoint, node, isActive }) => {
    const { webhookId: id, nodeId, token, createdAt } = endpoint;
    const until = previousUntilOf(endpoint, nowMs);
    const { type } = node;
    const url = `${publicUrl}/hooks/${token}`;
    const view = { id, nodeId, type, url, method: methodIn(node), active: isActive, createdAt };
    return until === undefined ? view : { ...view, previousUrlUntil: until };
  });
}

/** As it is written; what services call is called by POST. */
function methodIn({ type, config }: NodeDefinition): string | string[] {
  const method = type === 'trigger.webhook' ? config['method'] : undefined;
  const methods = methodsOf(method);
  return Array.isArray(method) ? methods : methods.join();
}
