import { z } from 'zod';
import { MAIL_AFTERMATHS, MAIL_STATUSES, type MailRecord } from '#libs/read-models';
import { pageQuery } from '../platform/http/page.ts';
import { instantField, tokenField } from '../platform/http/query-fields.ts';

export const listEmailsQuery = z.strictObject({
  ...pageQuery,
  executionId: tokenField.max(128).optional(),
  address: z
    .string()
    .min(1)
    .max(254)
    .optional()
    .meta({ description: 'All of it, in any case.', example: 'ann@example.org' }),
  status: z
    .enum([...MAIL_STATUSES, ...MAIL_AFTERMATHS])
    .optional()
    .meta({
      description:
        '`bounced`, `complained` and `unsubscribed` are those that this happened to, whatever their `status` is.',
    }),
  domain: z.string().min(1).max(254).optional().meta({ description: 'Of the address.', example: 'example.org' }),
});
export type ListEmailsQuery = z.output<typeof listEmailsQuery>;

const enhancedStatus = z.string().nullable().meta({ description: 'RFC 3463, such as `5.1.1`.' });
const replyCode = z.int().nullable().meta({ description: 'Of SMTP, such as 550.' });

export const emailView = z
  .object({
    mailKey: z.string().meta({ description: 'Names this mail to this recipient, in all attempts at it.' }),
    executionId: z.string(),
    nodeId: z.string(),
    credentialId: z.string().meta({ description: 'Of the mail server that it was handed to.' }),
    address: z.string(),
    topic: z.string().nullable().meta({ description: 'That the recipient can unsubscribe from.' }),
    status: z.enum(MAIL_STATUSES).meta({
      description:
        'What sending came to. `sending`: it is being handed over, or the worker died meanwhile. `deferred`: the server does ' +
        'not take it now. `refused`: the server said no. `unsent`: it did not come to a server that takes mail. `unknown`: ' +
        'the server was given it and never answered. `suppressed`: the recipient gets no mail, and nobody tried.',
    }),
    attempts: z.int().min(0).meta({ description: 'The last attempt of the node that was about it.' }),
    reason: z.string().nullable().meta({ description: 'A code; null for what went well.', example: 'SMTP_REFUSED' }),
    replyCode,
    enhancedStatus,
    text: z.string().nullable().meta({ description: 'What the server said.' }),
    bounce: z
      .object({
        at: z.iso.datetime(),
        kind: z.string().nullable().meta({ description: '`hard`, `soft`, `mailboxFull` or `policy`.' }),
        replyCode,
        enhancedStatus,
        text: z.string().nullable().meta({ description: 'The rule that knew it, and what the server said.' }),
      })
      .nullable()
      .meta({ description: 'How it came back later; of several notices, the last.' }),
    complainedAt: z.iso.datetime().nullable().meta({ description: 'When the recipient called it spam.' }),
    unsubscribedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime().meta({ description: 'When something was last heard of it.' }),
  })
  .meta({
    id: 'Email',
    description: 'One mail to one of its recipients, and what became of it.',
    examples: [
      {
        mailKey: '0k3m5n7p9q1r3s5t7v9w1x3y5z',
        executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'send',
        credentialId: 'cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
        address: 'ann@example.org',
        topic: 'newsletter',
        status: 'sent',
        attempts: 1,
        reason: null,
        replyCode: 250,
        enhancedStatus: '2.0.0',
        text: '250 2.0.0 Ok: queued as 4XyZ',
        bounce: {
          at: '2026-11-29T10:00:07.000Z',
          kind: 'hard',
          replyCode: 550,
          enhancedStatus: '5.1.1',
          text: 'status-code: 550 5.1.1 no such user',
        },
        complainedAt: null,
        unsubscribedAt: null,
        createdAt: '2026-11-29T10:00:00.000Z',
        updatedAt: '2026-11-29T10:00:07.000Z',
      },
    ],
  });
export type EmailView = z.output<typeof emailView>;

export function emailViewOf({ workspaceId: _, ...record }: MailRecord): EmailView {
  return record;
}

export const deliverabilityQuery = z.strictObject({
  from: instantField
    .optional()
    .meta({ description: 'Mails that were first told of at or after. Default: 7 days before `to`.' }),
  to: instantField.optional().meta({ description: 'Before. Default: now.' }),
  credentialId: tokenField.max(128).optional().meta({ description: 'Of the mail server that they were handed to.' }),
});
export type DeliverabilityQuery = z.output<typeof deliverabilityQuery>;
