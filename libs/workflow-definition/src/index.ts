export {
  ensureLatestVersion,
  workflowDecider,
  type PresentWorkflow,
  type Publication,
  type WorkflowCommand,
  type WorkflowState,
} from './aggregate/workflow-decider.ts';
export { afterRotation, type EarlierToken, type RotatedEndpoint } from './aggregate/rotation.ts';
export { workflowEventSchema, type Endpoint, type WorkflowEvent } from './aggregate/workflow-events.ts';
export type {
  ConnectionDefinition,
  NodeDefinition,
  OnError,
  RetryPolicy,
  WorkflowDefinition,
  WorkflowSettings,
} from './definition.ts';
export { canonicalJson } from './canonical-json.ts';
export { contentHashOf } from './content-hash.ts';
export { credentialReferencesOf, withCredentials, type CredentialReference } from './credential-references.ts';
export { connectionSchema, definitionSchema, nameSchema, nodeSchema, settingsSchema } from './definition-schema.ts';
export { diffDefinitions, type DefinitionDiff, type ValueChange } from './diff-definitions.ts';
export { EXAMPLE_DEFINITION } from './example-definition.ts';
export {
  exportedWorkflowSchema,
  exportWorkflow,
  importableWorkflowSchema,
  readImport,
  type ExportedWorkflow,
} from './exported-workflow.ts';
export { ERROR_OUTPUT } from './check-connections.ts';
export { DEFINITION_LIMITS } from './limits.ts';
export { parseDefinition, type ParsedDefinition } from './parse-definition.ts';
export type {
  Plan,
  PlannedConnection,
  PlannedDecisionNode,
  PlannedEngineNode,
  PlannedExecutorNode,
  PlannedGate,
  PlannedInner,
  PlannedNode,
  PlannedTrigger,
} from './plan-types.ts';
export { DEFAULT_NODE_TIMEOUT_MS, DEFAULT_RETRY } from './plan-inner.ts';
export { planWorkflow } from './plan.ts';
export { openApiReferencesOf, type OpenApiReference } from './openapi-references.ts';
export { formatPath, joinPath } from './problem-path.ts';
export { didYouMean } from './suggest.ts';
export { templateReferencesOf, type TemplateReference } from './template-references.ts';
export { unknownNodeType } from './unknown-node-type.ts';
export { upgradeDefinition, type UpgradedDefinition, type UpgradeStep } from './upgrade-definition.ts';
export { variablesReadBy } from './variables-read.ts';
export { publishedConfigSchema } from './published-config-schema.ts';
