import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { addressKeyOf, mailAddress } from '#libs/mail-addresses';
import { anyJsonObject } from '#libs/node-kit';
import { z } from 'zod';
import { fileSchema, type FileContent } from '../http-request/file-config.ts';

export interface Mailbox {
  readonly address: string;
  readonly name?: string | undefined;
}

/** What a mail is made of instead of `subject`, `text` and `html`. */
export interface TemplateConfig {
  readonly id: string;
  /** Undefined for the latest. */
  readonly version?: number | undefined;
  readonly data: JsonObject;
  /** What happens to variables that the data does not have. */
  readonly missing: 'refuse' | 'empty';
}

/** Config of `email.send`, its addresses as objects always. */
export interface EmailSendConfig {
  readonly credentialId: string;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo?: Mailbox | undefined;
  /** Undefined with a template alone. */
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly template?: TemplateConfig | undefined;
  readonly attachments: readonly FileContent[];
  readonly headers: Readonly<Record<string, string>>;
  readonly inReplyTo?: string | null | undefined;
  readonly references: readonly string[];
  readonly unsubscribe?: { readonly topic: string } | undefined;
}

/** Of one mail: to, cc and bcc together. */
export const MOST_RECIPIENTS = 50;
const MOST_ATTACHMENTS = 20;
const LONGEST_SUBJECT = 998;
const LARGEST_BODY = 1_000_000;

const mailbox = z
  .union([
    mailAddress.transform((address): Mailbox => ({ address })),
    z.strictObject({
      address: mailAddress,
      name: z
        .string()
        .max(200)
        .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
        .optional(),
    }),
  ])
  .meta({ description: 'One address, or `{address, name}`. Never several in one text.' });

/** One or several; a value that is not there is none. */
const mailboxes = z
  .union([mailbox.transform((one) => [one]), z.array(mailbox).max(MOST_RECIPIENTS)])
  .meta({ examples: ['ann@example.com', [{ address: 'ann@example.com', name: 'Ann' }]] });
const messageId = z
  .string()
  .max(995)
  .regex(/^<[^<>\s]+>$/, 'must be a message id with its angle brackets');

const template = z
  .strictObject({
    id: z.string().min(1).max(100),
    version: z.int().min(1).max(2_147_483_647).optional().meta({ description: 'Default: the latest.' }),
    data: anyJsonObject()
      .default({})
      .meta({ description: 'What the template takes. With `unsubscribe` it is given `unsubscribeUrl` as well.' }),
    missing: z.enum(['refuse', 'empty']).default('refuse').meta({
      description: 'Variables that the data does not have: no mail is sent, or nothing stands in their place.',
    }),
  })
  .meta({
    description: 'Of `/v1/email-templates`; instead of `subject`, `text` and `html`.',
    examples: [{ id: 'tpl_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j', data: { name: '{{ trigger.body.name }}' } }],
  });

export const emailSendConfigSchema: z.ZodType<EmailSendConfig> = z
  .strictObject({
    credentialId: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'The id of a credential of type smtp; no expression.' }),
    from: mailbox,
    to: mailboxes.default([]),
    cc: mailboxes.default([]),
    bcc: mailboxes.default([]).meta({ description: 'They get the mail, and no header names them.' }),
    replyTo: mailbox.optional(),
    subject: z.string().max(LONGEST_SUBJECT).optional().meta({ description: 'Of all mails without `template`.' }),
    text: z.string().max(LARGEST_BODY).optional(),
    html: z
      .string()
      .max(LARGEST_BODY)
      .optional()
      .meta({ description: 'With it, `text` is for those who do not show HTML. Values in it are put in as they are.' }),
    template: template.optional(),
    attachments: z.array(fileSchema).max(MOST_ATTACHMENTS).default([]).meta({
      description: 'Files of the flow: of an `http.request`, of a form, or attachments of a mail that came in.',
    }),
    headers: z
      .record(z.string(), z.string().max(998))
      .default({})
      .meta({ description: 'Others than those that a mail has anyway.', examples: [{ 'X-Order': 'A-17' }] }),
    inReplyTo: messageId.nullable().optional(),
    references: z.array(messageId).max(200).default([]).meta({
      description: 'The last 100 are sent. What can not be a message id is left out, here and in `inReplyTo`.',
    }),
    unsubscribe: z
      .strictObject({ topic: z.string().min(1).max(100) })
      .optional()
      .meta({
        description:
          'Mail that one can unsubscribe from, with one click in the mail program (RFC 8058): who did gets no more mail of the workspace about this topic. Each recipient gets a copy of its own.',
        examples: [{ topic: 'newsletter' }],
      }),
  })
  .superRefine((config, context) => {
    for (const { path, message } of contentProblems(config))
      context.addIssue({ code: 'custom', path: [path], message });
    const message = recipientsProblem([...config.to, ...config.cc, ...config.bcc]);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['to'], message });
  });

interface GivenContent {
  readonly subject?: unknown;
  readonly text?: unknown;
  readonly html?: unknown;
  readonly template?: unknown;
}

/** A mail has a content of its own, or a template that has one. */
function contentProblems(given: GivenContent): Problem[] {
  if (given.template === undefined) return missingContent(given);
  const doubled = (['subject', 'text', 'html'] as const).filter((field) => given[field] !== undefined);
  return doubled.map((path) => ({ path, message: 'is given twice: the mails of a template have one from there' }));
}

function missingContent({ subject, text, html }: GivenContent): Problem[] {
  const problems: Problem[] = [];
  if (subject === undefined) problems.push({ path: 'subject', message: 'is required without a template' });
  if (text === undefined && html === undefined) {
    const message = 'is missing, and so is html: a mail has one of them at least, or a template';
    problems.push({ path: 'text', message });
  }
  return problems;
}

function recipientsProblem(recipients: readonly Mailbox[]): string | undefined {
  if (recipients.length === 0) return 'names nobody, nor do cc and bcc: a mail has one recipient at least';
  if (recipients.length > MOST_RECIPIENTS)
    return `has ${recipients.length} recipients with cc and bcc: at most ${MOST_RECIPIENTS}; a forEach sends one mail each`;
  const seen = new Set<string>();
  for (const { address } of recipients) {
    if (seen.has(addressKeyOf(address))) return `names ${address} twice, with cc and bcc`;
    seen.add(addressKeyOf(address));
  }
  return undefined;
}

/** What can be told before an expression is evaluated and does not show in the shape. */
export function checkEmailSend(config: JsonObject): readonly Problem[] {
  const isAbsent = (value: JsonValue | undefined): boolean =>
    value === undefined || (Array.isArray(value) && value.length === 0);
  const { to, cc, bcc } = config;
  const nobody = { path: 'to', message: 'names nobody, nor do cc and bcc' };
  return [...([to, cc, bcc].every(isAbsent) ? [nobody] : []), ...contentProblems(config)];
}
