export type { AbortSignalLike } from './abort-signal-like.ts';
export { anyJson, anyJsonObject } from './json-schemas.ts';
export {
  defineNodeType,
  NodeError,
  type ActionNodeType,
  AwaitedExecution,
  type AttemptContext,
  type EngineNodeType,
  type EngineWork,
  type InnerNode,
  type NodeErrorOptions,
  type NodeKind,
  type NodeType,
  type NodeTypes,
  type PureNodeInput,
  type PureNodeOutput,
  type PureNodeType,
  type TriggerConcurrency,
  type TriggerNodeType,
  type UpgradedConfig,
} from './node-type.ts';
export { nodeTypeNameOf, writtenNodeType, type NodeTypeName } from './node-type-name.ts';
export type { Allowance, Quota } from './quota.ts';
export { isSource, readSource, type ReadSource, type SourceNode } from './read-source.ts';
export type { ResponseDrift } from './response-drift.ts';
export type {
  CallMeaning,
  CallProof,
  DesiredHook,
  HookAttempt,
  HookRegistration,
  HookTarget,
  PresentHook,
  SourceAnswer,
  SourceCall,
  WebhookSource,
} from './webhook-source.ts';
