import { z } from 'zod';
import { instant } from './workflow-view.ts';

export const mailboxView = z
  .object({
    id: z.string().meta({ description: 'Of the trigger; starts with `wh_`.' }),
    nodeId: z.string(),
    credentialId: z.string(),
    mailbox: z.string().meta({ description: 'Its path on the server.' }),
    active: z.boolean().meta({ description: 'Whether the active version has the node: it is watched.' }),
    state: z
      .object({
        kind: z.enum(['watching', 'waiting', 'refused']),
        code: z.string().nullable().meta({ description: 'Why it is not watched, e.g. `IMAP_AUTH`.' }),
        message: z.string().nullable(),
        since: instant,
      })
      .nullable()
      .meta({
        description:
          'How it was doing last: `waiting` is tried again by itself, `refused` needs somebody to do something. Null before anybody looked.',
      }),
  })
  .meta({
    id: 'Mailbox',
    description: 'A mailbox that a `trigger.email` node watches.',
    examples: [
      {
        id: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'orders',
        credentialId: 'cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
        mailbox: 'INBOX',
        active: true,
        state: {
          kind: 'refused',
          code: 'IMAP_AUTH',
          message: 'the server does not accept username and password, or the token: Invalid credentials',
          since: '2026-11-23T10:00:00.000Z',
        },
      },
    ],
  });
export type MailboxView = z.output<typeof mailboxView>;
