import { z } from 'zod';
import { DELIVERY_OUTCOMES } from '#libs/read-models';
import { pageQuery } from '../platform/http/page.ts';
import { instantField } from '../platform/http/query-fields.ts';

export const listDeliveriesQuery = z.strictObject({
  ...pageQuery,
  outcome: z.enum(DELIVERY_OUTCOMES).optional(),
  reason: z.string().min(1).max(100).optional().meta({
    description: 'The code that they were refused with, or why answered calls started nothing.',
    example: 'SIGNATURE_MISMATCH',
  }),
  from: instantField.optional().meta({ description: 'At or after.', example: '2026-11-23T00:00:00.000Z' }),
  to: instantField.optional().meta({ description: 'Before.', example: '2026-11-24T00:00:00.000Z' }),
});
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;

const MAX_AT_ONCE = 100;

export const redeliverBody = z
  .strictObject({
    deliveryIds: z
      .array(z.string().max(128))
      .min(1)
      .max(MAX_AT_ONCE)
      .refine((ids) => new Set(ids).size === ids.length, 'must name each delivery once')
      .meta({ uniqueItems: true, description: 'Of this webhook.' }),
  })
  .meta({
    id: 'Redeliver',
    description: 'Which deliveries to send again.',
    examples: [{ deliveryIds: ['dlv_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4'] }],
  });
export type RedeliverBody = z.infer<typeof redeliverBody>;
