import { z } from 'zod';
import { MAIL_AFTERMATHS, MAIL_STATUSES, type MailCounts } from '#libs/read-models';

const count = z.int().min(0);

const NAMES = ['mails', ...MAIL_STATUSES, ...MAIL_AFTERMATHS] as const;
const counts = z.object(
  Object.fromEntries(NAMES.map((name) => [name, count])) as Record<keyof MailCounts, typeof count>,
);

const EXAMPLE_COUNTS = {
  ...{ mails: 1200, sending: 0, sent: 1160, deferred: 4, refused: 18, unsent: 0, unknown: 1, suppressed: 17 },
  ...{ bounced: 9, complained: 1, unsubscribed: 6 },
};
const NONE = Object.fromEntries(NAMES.map((name) => [name, 0]));

export const deliverabilityView = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    isWhole: z.boolean().meta({
      description: 'False when there were more mails than are counted; then it is the newest of them.',
    }),
    totals: counts.meta({
      description:
        'Each of the `mails` has one status, from `sending` to `suppressed`. Those that bounced, that a recipient called spam ' +
        'or unsubscribed from are counted beside, most of them among `sent`.',
    }),
    domains: z
      .array(z.object({ domain: z.string(), ...counts.shape }))
      .readonly()
      .meta({ description: 'Of the recipients: the 100 with most mails.' }),
    others: z
      .object({ domains: count.meta({ description: 'How many.' }), ...counts.shape })
      .meta({ description: 'All other domains together.' }),
    reasons: z
      .array(
        z.object({
          status: z.enum(['deferred', 'refused', 'unsent', 'unknown', 'suppressed', 'bounced']),
          reason: z.string().nullable(),
          enhancedStatus: z.string().nullable(),
          count,
        }),
      )
      .readonly()
      .meta({ description: 'Why mails were not sent, or came back: the 100 most frequent.' }),
  })
  .meta({
    id: 'Deliverability',
    description: 'What became of the mails of some time, in numbers.',
    examples: [
      {
        from: '2026-11-22T10:00:00.000Z',
        to: '2026-11-29T10:00:00.000Z',
        isWhole: true,
        totals: EXAMPLE_COUNTS,
        domains: [{ domain: 'example.org', ...EXAMPLE_COUNTS }],
        others: { domains: 0, ...NONE },
        reasons: [
          { status: 'refused', reason: 'SMTP_REFUSED', enhancedStatus: '5.7.1', count: 18 },
          { status: 'suppressed', reason: 'hardBounce', enhancedStatus: null, count: 17 },
          { status: 'bounced', reason: 'hard', enhancedStatus: '5.1.1', count: 9 },
        ],
      },
    ],
  });
export type DeliverabilityView = z.output<typeof deliverabilityView>;
