import { z } from 'zod';
import type { WorkflowRecord } from '#libs/read-models';
import { endpointsOf, hasMailAddress, isMailTrigger, previousUntilOf, type EndpointViewing } from './endpoints-of.ts';
import { instant } from './workflow-view.ts';

export const mailAddressView = z
  .object({
    id: z.string().meta({ description: 'Starts with `wh_`.' }),
    nodeId: z.string(),
    address: z
      .email()
      .meta({ description: 'Who knows it can write to it; stays through versions until it is rotated.' }),
    active: z.boolean().meta({ description: 'Whether the active version has the node: mail is taken.' }),
    createdAt: instant,
    previousAddressUntil: instant
      .optional()
      .meta({ description: 'There while an address of before a rotation works too: when the last one stops.' }),
  })
  .meta({
    id: 'MailAddress',
    description: 'The address of a `trigger.email` node.',
    examples: [
      {
        id: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'orders',
        address: '7365637265742d746f6b656e2d6f662d323462@in.example.com',
        active: true,
        createdAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type MailAddressView = z.output<typeof mailAddressView>;

export interface MailAddressViewing extends EndpointViewing {
  /** Of all addresses of the installation. */
  readonly domain: string;
}

/** Of the mail triggers that the latest version or the active one has; only those of the active one take mail. */
export function mailAddressViewsOf(
  record: Pick<WorkflowRecord, 'endpoints' | 'definition'>,
  viewing: MailAddressViewing,
): MailAddressView[] {
  const addressed = endpointsOf(record, isMailTrigger, viewing.active).filter(({ node }) => hasMailAddress(node));
  return addressed.map(({ endpoint, isActive }) => {
    const { webhookId: id, nodeId, token, createdAt } = endpoint;
    const until = previousUntilOf(endpoint, viewing.nowMs);
    const address = `${token}@${viewing.domain}`;
    const view = { id, nodeId, address, active: isActive, createdAt };
    return until === undefined ? view : { ...view, previousAddressUntil: until };
  });
}
