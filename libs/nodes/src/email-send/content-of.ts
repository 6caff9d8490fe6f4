import { EmailTemplateError, renderTemplate, type EmailTemplateErrorCode } from '#libs/email-templates';
import { toInstant, type JsonObject } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import type { Mail } from '#libs/outbound-mail';
import type { EmailSendConfig, TemplateConfig } from './config.ts';
import type { MailTemplate, MailTemplates } from './mail-templates.ts';

/** What a mail says. */
export type MailContent = Pick<Mail, 'subject' | 'text' | 'html'>;

export interface PreparedContent {
  /** `unsubscribeUrl`: of the recipient, where each has a link of its own. Throws NodeError, which is terminal. */
  readonly contentFor: (unsubscribeUrl?: string) => MailContent;
  /** That it is made of. */
  readonly template?: { readonly id: string; readonly version: number };
}

export interface ContentParts {
  readonly mailTemplates: MailTemplates;
  readonly nowMs: number;
}

/** Rejects when the template is not there; and when nobody gets a content of their own, for whatever is wrong with it. */
export async function contentOf(
  config: EmailSendConfig,
  { workspaceId }: Pick<AttemptContext, 'workspaceId'>,
  { mailTemplates, nowMs }: ContentParts,
): Promise<PreparedContent> {
  const { template, unsubscribe } = config;
  if (!template) return plainContent(config);
  const { id, version, data } = template;
  const found = await mailTemplates.find({ workspaceId, id, version });
  if (!found) throw templateNotFound(template);
  const used = { id, version: found.version };
  const contentWith = (given: JsonObject): MailContent => rendered(found, { ...template, data: given }, nowMs);
  if (unsubscribe)
    return { contentFor: (unsubscribeUrl = '') => contentWith({ ...data, unsubscribeUrl }), template: used };
  const same = contentWith(data);
  return { contentFor: () => same, template: used };
}

function plainContent({ subject = '', text, html }: EmailSendConfig): PreparedContent {
  const content = { subject, ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) };
  return { contentFor: () => content };
}

function rendered({ compiled }: MailTemplate, { data, missing }: TemplateConfig, nowMs: number): MailContent {
  try {
    const { subject, html, text } = renderTemplate(compiled, data, { missing, now: toInstant(nowMs) });
    return { subject, html, text };
  } catch (error) {
    throw error instanceof EmailTemplateError ? nodeErrorOf(error) : error;
  }
}

function templateNotFound({ id, version }: TemplateConfig): NodeError {
  const which = version === undefined ? '' : ` with a version ${version}`;
  return new NodeError('EMAIL_TEMPLATE_NOT_FOUND', `there is no email template ${id}${which}`, { retryable: false });
}

const CODES: Readonly<Record<EmailTemplateErrorCode, string>> = {
  TEMPLATE_INVALID: 'EMAIL_TEMPLATE_INVALID',
  TEMPLATE_TOO_LARGE: 'EMAIL_TEMPLATE_TOO_LARGE',
  TEMPLATE_VARIABLE_MISSING: 'EMAIL_TEMPLATE_VARIABLE_MISSING',
  TEMPLATE_RENDER_FAILED: 'EMAIL_TEMPLATE_RENDER_FAILED',
  // Of compiling, which nobody does here.
  TEMPLATE_BUSY: 'EMAIL_TEMPLATE_BUSY',
};

function nodeErrorOf(error: EmailTemplateError): NodeError {
  const { code, message, missing, problems, retryable } = error;
  return new NodeError(CODES[code], message, {
    retryable,
    details: {
      ...(missing.length > 0 ? { missing: [...missing] } : {}),
      ...(problems.length > 0 ? { problems: problems.map((problem) => ({ ...problem })) } : {}),
    },
    cause: error,
  });
}
