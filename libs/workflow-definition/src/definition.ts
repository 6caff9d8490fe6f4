import type { JsonObject } from '#libs/kernel';

/** What people edit: nodes, the connections between them, and settings. Shape of the contract, section 4. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly nodes: readonly NodeDefinition[];
  readonly connections: readonly ConnectionDefinition[];
  readonly settings: WorkflowSettings;
}

export interface NodeDefinition {
  readonly id: string;
  readonly type: string;
  /** As written: strings may hold expressions. */
  readonly config: JsonObject;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly onError?: OnError;
  /** `any`: runs at the first connection taken; default `all`: when every connection is settled. */
  readonly join?: 'all' | 'any';
}

export interface ConnectionDefinition {
  readonly from: string;
  readonly to: string;
  /** Output of `from` by which the flow leaves. */
  readonly output: string;
}

export type OnError = 'fail' | 'continue' | 'branch';

export interface RetryPolicy {
  /** Attempts in all, 1 to 100. */
  readonly maxAttempts: number;
  readonly backoff: 'fixed' | 'linear' | 'exponential';
  readonly initialMs: number;
  readonly maxMs: number;
  readonly jitter: boolean;
  readonly retryOn?: readonly string[];
  readonly dontRetryOn?: readonly string[];
}

export interface WorkflowSettings {
  readonly timeoutMs?: number;
  readonly priority: 'high' | 'normal' | 'low';
  readonly concurrency?: { readonly limit: number; readonly key?: string };
}
