import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';

export const listQuotasQuery = z.strictObject(pageQuery);
export type ListQuotasQuery = z.output<typeof listQuotasQuery>;

export const quotaView = z
  .object({
    key: z.string().meta({ description: 'What is counted: an account at a service, or one method of it.' }),
    limit: z.number().min(0).nullable().meta({ description: 'Calls in a window; null when the service has no limit.' }),
    left: z.int().min(0).nullable().meta({
      description: 'Calls that no worker has taken yet; null while no answer has told, or there is no limit.',
    }),
    resetsAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When there is all of `limit` again; null when there is, or that is not known.' }),
    known: z.boolean().meta({
      description: 'False while an answer has to tell what is left: a few calls are made, and the others follow.',
    }),
    waitsUntil: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Until when attempts stand in line for it; null when none does.' }),
  })
  .meta({
    id: 'Quota',
    description: 'How often a service may be called, counted by all workers together.',
    examples: [
      {
        key: 'cr_7k2m@api.github.com',
        limit: 5000,
        left: 0,
        resetsAt: '2026-11-23T10:42:00.000Z',
        known: true,
        waitsUntil: '2026-11-23T10:58:12.000Z',
      },
    ],
  });
export type QuotaView = z.output<typeof quotaView>;
