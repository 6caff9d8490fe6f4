import { anyJsonObject } from '#libs/node-kit';
import { z } from 'zod';

// Fields that several actions have.

export const credentialId = z
  .string()
  .min(1)
  .max(100)
  .meta({
    title: 'Credential',
    description: 'The id of a credential of type slack.token, or oauth2 of the provider slack; no expression.',
    examples: ['cr_01m8h21xymtwny6eeg28sms6ktnp2maatgw2'],
  });

export const channel = z
  .string()
  .min(1)
  .max(100)
  .meta({
    title: 'Channel',
    description:
      'The id of a channel, or of a user for a direct message. A name such as #general works for messages only.',
    examples: ['C0123456789', '#general'],
  });

const timestamp = z.string().regex(/^\d{1,12}\.\d{1,9}$/, 'must be the ts of a message, such as 1700000000.000100');

export const ts = timestamp.meta({
  title: 'Message',
  description: 'The `ts` of the message, which Slack names it by within its channel.',
  examples: ['1700000000.000100'],
});

export const threadTs = timestamp.optional().meta({
  title: 'Thread',
  description: 'The `ts` of the message that is answered; without it the message stands in the channel.',
  examples: ['1700000000.000100'],
});

export const user = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{2,30}$/, 'must be the id of a user, such as U0123456789')
  .meta({ title: 'User', description: 'The id of a user.', examples: ['U0123456789'] });

export const text = z
  .string()
  .min(1)
  .max(40_000)
  .optional()
  .meta({
    title: 'Text',
    description: 'In mrkdwn. With blocks it is what notifications and screen readers say.',
    examples: ['Deployed *api* to production'],
  });

export const blocks = z
  .array(anyJsonObject())
  .min(1)
  .max(50)
  .optional()
  .meta({
    title: 'Blocks',
    description: 'Block Kit, as https://app.slack.com/block-kit-builder gives it.',
    examples: [[{ type: 'section', text: { type: 'mrkdwn', text: 'Deployed *api*' } }]],
  });

export const metadata = z
  .strictObject({
    eventType: z
      .string()
      .min(1)
      .max(255)
      .meta({ title: 'Type', description: 'What the payload is.', examples: ['deployment'] }),
    eventPayload: anyJsonObject().meta({
      title: 'Payload',
      description: 'Flat data that apps see and people do not.',
      examples: [{ version: '1.2.3' }],
    }),
  })
  .optional()
  .meta({
    title: 'Metadata',
    description: 'Data that goes along with the message, for apps.',
    examples: [{ eventType: 'deployment', eventPayload: { version: '1.2.3' } }],
  });

const isGiven = (value: unknown): boolean => value !== undefined;

/** For `refine`: a message says something. */
export function saysSomething(config: { readonly text?: unknown; readonly blocks?: unknown }): boolean {
  return isGiven(config.text) || isGiven(config.blocks);
}
export const SAYS_NOTHING = { path: ['text'], message: 'is missing, and so are blocks' };

/** Whether people should be told what a link leads to. */
export const unfurl = (what: string) =>
  z
    .boolean()
    .optional()
    .meta({ title: `Unfurl ${what}`, description: `Whether ${what} in the text are shown.`, examples: [false] });

interface Content {
  readonly text?: string | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly metadata?: { readonly eventType: string; readonly eventPayload: unknown } | undefined;
}

export function contentOf({ text, blocks, metadata }: Content): Readonly<Record<string, unknown>> {
  return {
    text,
    blocks,
    ...(metadata ? { metadata: { event_type: metadata.eventType, event_payload: metadata.eventPayload } } : {}),
  };
}
