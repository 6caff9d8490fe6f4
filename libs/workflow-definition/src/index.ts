export {
  workflowDecider,
  type PresentWorkflow,
  type WorkflowCommand,
  type WorkflowState,
} from './aggregate/workflow-decider.ts';
export { workflowEventSchema, type Endpoint, type WorkflowEvent } from './aggregate/workflow-events.ts';
export type {
  ConnectionDefinition,
  NodeDefinition,
  OnError,
  RetryPolicy,
  WorkflowDefinition,
  WorkflowSettings,
} from './definition.ts';
export { ERROR_OUTPUT } from './check-connections.ts';
export { DEFINITION_LIMITS } from './limits.ts';
export { parseDefinition, type ParsedDefinition } from './parse-definition.ts';
export type {
  Plan,
  PlannedConnection,
  PlannedDecisionNode,
  PlannedExecutorNode,
  PlannedNode,
  PlannedTrigger,
} from './plan-types.ts';
export { DEFAULT_NODE_TIMEOUT_MS, DEFAULT_RETRY, planWorkflow } from './plan.ts';
export { variablesReadBy } from './variables-read.ts';
export { publishedConfigSchema } from './published-config-schema.ts';
