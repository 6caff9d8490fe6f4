export { builtInNodeTypes, type NodeDependencies } from './built-in.ts';
export { RESPOND_TYPE } from './respond/respond.ts';
export {
  WEBHOOK_METHODS,
  webhookTriggerConfigSchema,
  type WebhookMethod,
  type WebhookTriggerConfig,
} from './trigger-webhook/config.ts';
