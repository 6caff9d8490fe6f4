import type { JsonObject, JsonValue } from '#libs/kernel';
import type { Scope, VariableReferences } from '#libs/expressions';
import type { EngineWork, PureNodeOutput } from '#libs/node-kit';
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
  /** Gives the gates of an execution that the trigger starts; undefined when there are none. Throws ExpressionError. */
  gatesOf(triggerNodeId: string): ((scope: Scope) => readonly PlannedGate[]) | undefined;
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
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** For how long it may wait for an execution that it started; absent: as long as that takes. */
  readonly waitTimeoutMs?: number;
  readonly onInterrupted: 'retry' | 'fail' | 'ask';
  /** Whether a dry run must leave it out. */
  readonly hasSideEffects: boolean;
  /** The config with its expressions evaluated, checked against the node type's schema. Throws as `compute` does. */
  resolveConfig(scope: Scope): JsonObject;
}

/** Waits or loops; the engine does it by itself. */
export interface PlannedEngineNode extends PlannedNodeBase {
  readonly runs: 'engine';
  /** Throws as `compute` does. */
  begin(scope: Scope): EngineWork;
  /** What a loop does with each item. */
  readonly inner?: PlannedInner;
}

/** A node within a loop: run by an executor, or computed by one. Its scope has `item` and `index`. */
export type PlannedInner = PlannedInnerBase &
  (
    | { readonly runs: 'executor'; resolveConfig(scope: Scope): JsonObject }
    | { readonly runs: 'decision'; compute(scope: Scope): JsonValue }
  );

interface PlannedInnerBase {
  readonly type: string;
  readonly executor: string;
  readonly retry: RetryPolicy;
  /** Of one attempt at one item. */
  readonly timeoutMs: number;
  /** Each item becomes an execution that the loop waits for. */
  readonly startsExecutions: boolean;
}

export type PlannedNode = PlannedTrigger | PlannedDecisionNode | PlannedExecutorNode | PlannedEngineNode;

/** What stands between an accepted execution and its first node, as `Gate` of the engine has it. */
export type PlannedGate =
  | { readonly kind: 'debounce'; readonly key: string; readonly delayMs: number }
  | { readonly kind: 'throttle'; readonly key: string; readonly limit: number; readonly perMs: number }
  | {
      readonly kind: 'concurrency';
      readonly key: string;
      readonly limit: number;
      readonly onLimit: 'queue' | 'skip' | 'cancelOldest';
    };
