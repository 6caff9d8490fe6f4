import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';

export const listCircuitsQuery = z.strictObject(pageQuery);
export type ListCircuitsQuery = z.output<typeof listCircuitsQuery>;

export const circuitView = z
  .object({
    key: z.string().meta({
      description: 'The destination: `host:port`, behind `credentialId@` where the calls have a credential.',
    }),
    state: z.enum(['closed', 'open', 'halfOpen']).meta({
      description:
        '`closed`: attempts pass. `open`: they wait until `retryAt`. `halfOpen`: one attempt tries whether it works again.',
    }),
    failures: z
      .int()
      .min(0)
      .meta({ description: 'Calls that failed in the last 30 s; while not closed, those that opened it.' }),
    openedAt: z.iso.datetime().nullable().meta({ description: 'Since when no attempt succeeded; null while closed.' }),
    retryAt: z.iso
      .datetime()
      .nullable()
      .meta({
        description:
          'Until when attempts wait: never null while not closed, perhaps past when nobody came since. While closed only ' +
          'after the destination asked for a pause by `Retry-After`.',
      }),
  })
  .meta({
    id: 'Circuit',
    description: 'A destination whose calls fail, or that asked for a pause. Others have no circuit.',
    examples: [
      {
        key: 'api.example.com:443',
        state: 'open',
        failures: 12,
        openedAt: '2026-11-23T10:00:00.000Z',
        retryAt: '2026-11-23T10:00:05.000Z',
      },
    ],
  });
export type CircuitView = z.output<typeof circuitView>;
