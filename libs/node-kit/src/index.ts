export { anyJson, anyJsonObject } from './json-schemas.ts';
export {
  defineNodeType,
  NodeError,
  type AbortSignalLike,
  type ActionNodeType,
  type AttemptContext,
  type NodeErrorOptions,
  type NodeKind,
  type NodeType,
  type NodeTypes,
  type PureNodeInput,
  type PureNodeOutput,
  type PureNodeType,
  type TriggerNodeType,
} from './node-type.ts';
