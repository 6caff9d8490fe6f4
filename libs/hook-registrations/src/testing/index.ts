export { HookService, type HookAtService, type Refusal } from './hook-service.ts';
export { serviceTriggers, TRIGGER } from './service-trigger.ts';
