export { builtInNodeTypes, type NodeDependencies } from './built-in.ts';
export { serverOf as mailServerOf } from './email-send/server-of.ts';
export { LateMailTemplates } from './email-send/late-mail-templates.ts';
export type { MailTemplate, MailTemplates, NamedTemplate } from './email-send/mail-templates.ts';
export { LateOpenApiOperations } from './openapi-request/late-openapi-operations.ts';
export type { NamedOperation, OpenApiOperations } from './openapi-request/openapi-operations.ts';
export { LateMailRecords } from './email-send/late-mail-records.ts';
export type { KnownMail, MailRecords, MailResult, RecordedMail } from './email-send/mail-records.ts';
export {
  emailTriggerConfigSchema,
  LARGEST_MESSAGE_BYTES,
  type EmailTriggerConfig,
  type InboxConfig,
} from './trigger-email/config.ts';
export { scheduleTriggerConfigSchema, type ScheduleTriggerConfig } from './trigger-schedule/config.ts';
export {
  WEBHOOK_METHODS,
  webhookTriggerConfigSchema,
  type WebhookMethod,
  type WebhookTriggerConfig,
} from './trigger-webhook/config.ts';
