export { builtInNodeTypes, type NodeDependencies } from './built-in.ts';
export {
  MISFIRES,
  OVERLAPS,
  scheduleTriggerConfigSchema,
  type Misfire,
  type Overlap,
  type ScheduleTriggerConfig,
} from './trigger-schedule/config.ts';
export {
  WEBHOOK_METHODS,
  webhookTriggerConfigSchema,
  type WebhookMethod,
  type WebhookTriggerConfig,
} from './trigger-webhook/config.ts';
