import { z } from 'zod';
import { mailAddress } from '#libs/mail-addresses';
import { SUPPRESSION_REASONS, type Suppression } from '#libs/suppressions';
import { pageQuery } from '../platform/http/page.ts';
import { instantField } from '../platform/http/query-fields.ts';
import { line } from '../platform/http/request-schema.ts';

const EXAMPLE_ID = 'sup_3f0c1a9be57d4d2c8a6b1f0e9d8c7b6a';

/** As `email.send` names it, where it may be any text. */
const topic = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not hold control characters');

export const listSuppressionsQuery = z.strictObject({
  ...pageQuery,
  address: z
    .string()
    .min(1)
    .max(254)
    .optional()
    .meta({ description: 'All of it, in any case.', example: 'ann@example.org' }),
  reason: z.enum(SUPPRESSION_REASONS).optional(),
  topic: topic.optional().meta({ description: 'Of those that are about this topic alone.', example: 'newsletter' }),
});
export type ListSuppressionsQuery = z.output<typeof listSuppressionsQuery>;

export const createSuppressionBody = z
  .strictObject({
    address: mailAddress.meta({ description: 'One address; in any case it is the same.' }),
    topic: topic
      .optional()
      .meta({ description: 'Only mail about it is not sent; without one, no mail at all.', example: 'newsletter' }),
    expiresAt: instantField
      .optional()
      .meta({ description: 'In the future, with offset; without it, until somebody takes it from the list.' }),
    detail: line(1, 500).optional().meta({ description: 'For people: why.' }),
  })
  .meta({
    id: 'NewSuppression',
    description: 'Who is to get no mail.',
    examples: [
      { address: 'ann@example.org', expiresAt: '2099-01-01T00:00:00.000Z', detail: 'Asked on the phone, ticket 4711' },
    ],
  });
export type CreateSuppressionBody = z.output<typeof createSuppressionBody>;

export const suppressionView = z
  .object({
    id: z.string().meta({ description: 'Starts with `sup_`; the same for an address and topic each time.' }),
    address: z.string(),
    topic: z.string().nullable().meta({ description: 'Mail about it is not sent; null: no mail at all.' }),
    reason: z.enum(SUPPRESSION_REASONS).meta({
      description:
        '`softBounces`: three within a week, which keeps mail away for two weeks. `manual`: by this API. The others last ' +
        'until somebody takes them from the list.',
    }),
    detail: z.string().nullable().meta({ description: 'What a server or a person said.' }),
    executionId: z.string().nullable().meta({ description: 'Whose mail it was; null where a person did it.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({
    id: 'Suppression',
    description: 'An address that the workspace sends no mail to.',
    examples: [
      {
        id: EXAMPLE_ID,
        address: 'ann@example.org',
        topic: null,
        reason: 'hardBounce',
        detail: '550 5.1.1 no such user',
        executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        createdAt: '2026-11-29T10:00:00.000Z',
        expiresAt: null,
      },
    ],
  });
export type SuppressionView = z.output<typeof suppressionView>;

export function suppressionViewOf(suppression: Suppression): SuppressionView {
  const { id, address, topic, reason, detail, executionId, at: createdAt, expiresAt } = suppression;
  return { id, address, topic, reason, detail, executionId, createdAt, expiresAt };
}
