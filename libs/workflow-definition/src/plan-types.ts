import type { JsonValue } from '#libs/kernel';
import type { Scope, VariableReferences } from '#libs/expressions';
import type { PureNodeOutput } from '#libs/node-kit';
import type { OnError, RetryPolicy, WorkflowSettings } from './definition.ts';

/** A published definition made ready to run: parsed once, kept for as long as the version is in use. */
export interface Plan {
  readonly workflowId: string;
  readonly version: number;
  readonly name: string;
  readonly settings: WorkflowSettings;
  /** The workspace variables that its expressions read. */
  readonly variables: VariableReferences;
  /** In the definition's order. */
  readonly nodes: ReadonlyMap<string, PlannedNode>;
}

export interface PlannedConnection {
  readonly from: string;
  readonly to: string;
  readonly output: string;
}

interface PlannedNodeBase {
  readonly id: string;
  readonly type: string;
  readonly join: 'all' | 'any';
  readonly onError: OnError;
  readonly incoming: readonly PlannedConnection[];
  readonly outgoing: readonly PlannedConnection[];
}

export interface PlannedTrigger extends PlannedNodeBase {
  readonly runs: 'trigger';
}

export interface PlannedDecisionNode extends PlannedNodeBase {
  readonly runs: 'decision';
  /** Throws ExpressionError, or NodeError when the evaluated config breaks the schema. */
  compute(scope: Scope, taken: readonly { readonly nodeId: string; readonly output: JsonValue }[]): PureNodeOutput;
}

export interface PlannedExecutorNode extends PlannedNodeBase {
  readonly runs: 'executor';
  readonly executor: string;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  /** The config with its expressions evaluated, checked against the node type's schema. Throws as `compute` does. */
  resolveConfig(scope: Scope): unknown;
}

export type PlannedNode = PlannedTrigger | PlannedDecisionNode | PlannedExecutorNode;
