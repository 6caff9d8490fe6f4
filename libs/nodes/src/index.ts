export { builtInNodeTypes, type NodeDependencies } from './built-in.ts';
export { emailTriggerConfigSchema, LARGEST_MESSAGE_BYTES, type EmailTriggerConfig } from './trigger-email/config.ts';
export { scheduleTriggerConfigSchema, type ScheduleTriggerConfig } from './trigger-schedule/config.ts';
export {
  WEBHOOK_METHODS,
  webhookTriggerConfigSchema,
  type WebhookMethod,
  type WebhookTriggerConfig,
} from './trigger-webhook/config.ts';
