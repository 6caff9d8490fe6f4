import { z } from 'zod';
import { DELIVERY_OUTCOMES, type DeliveryRecord } from '#libs/read-models';

const EXAMPLE_ID = 'dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const EXAMPLE_EXECUTION_ID = 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';

/** An entry of the delivery ledger. */
export const deliveryView = z
  .object({
    id: z.string().meta({ description: 'Starts with `dlv_`.' }),
    webhookId: z.string(),
    at: z.iso.datetime().meta({ description: 'When it came; of several calls, when the last did.' }),
    outcome: z.enum(DELIVERY_OUTCOMES).meta({
      description:
        '`answered`: the sender asked something of the endpoint itself, as Slack does, and was told; or its call started nothing, ' +
        'as it came before or is none that the trigger asks for.',
    }),
    status: z.int().meta({
      description: 'What it was answered; 202 for any that was accepted, whatever its execution came to say.',
    }),
    reason: z.string().nullable().meta({
      description: 'The code that it was refused with, or why an answered call started nothing.',
      example: 'SIGNATURE_MISMATCH',
    }),
    executionId: z.string().nullable().meta({ description: 'That it started.' }),
    redeliveryOf: z
      .string()
      .nullable()
      .meta({ description: 'The execution of the call that was sent again; null for a call from outside.' }),
    method: z.string().nullable().meta({ description: 'Null for several calls, and where the call was large.' }),
    ip: z.string().nullable().meta({ description: 'Null for several calls, and where the call was large.' }),
    calls: z
      .int()
      .min(1)
      .meta({
        description:
          'How many calls the entry stands for. Of one webhook 60 refused ones in 10 s are told one by one; more are counted ' +
          'by status and reason.',
      }),
  })
  .meta({
    id: 'Delivery',
    description: 'A call of a webhook, and what became of it.',
    examples: [
      {
        id: EXAMPLE_ID,
        webhookId: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        at: '2026-11-23T10:00:00.000Z',
        outcome: 'accepted',
        status: 202,
        reason: null,
        executionId: EXAMPLE_EXECUTION_ID,
        redeliveryOf: null,
        method: 'POST',
        ip: '192.0.2.17',
        calls: 1,
      },
    ],
  });
export type DeliveryView = z.output<typeof deliveryView>;

export function deliveryViewOf({ createdAt: at, ...record }: DeliveryRecord): DeliveryView {
  return { ...record, at };
}

const redelivered = z.object({ deliveryId: z.string(), executionId: z.string() });
const notRedelivered = z.object({
  deliveryId: z.string(),
  code: z.string().meta({ description: 'What asking for this one alone would be refused with.' }),
  detail: z.string(),
});

/** What sending several again is answered. */
export const redeliveriesView = z
  .object({ items: z.array(z.union([redelivered, notRedelivered])).meta({ description: 'In the order asked for.' }) })
  .meta({
    id: 'Redeliveries',
    description: 'What became of each delivery that was to be sent again.',
    examples: [{ items: [{ deliveryId: EXAMPLE_ID, executionId: EXAMPLE_EXECUTION_ID }] }],
  });
export type RedeliveriesView = z.output<typeof redeliveriesView>;
export type RedeliveryItem = RedeliveriesView['items'][number];
