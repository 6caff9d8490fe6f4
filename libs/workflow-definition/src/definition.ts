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
  /** What follows when the worker of an attempt died in the middle of it; default `retry`. */
  readonly onInterrupted?: 'retry' | 'fail' | 'ask';
  /** Of a trigger: of the executions that it starts with a key, only the newest begins, once none came for `delayMs`. */
  readonly debounce?: { readonly delayMs: number; readonly key?: string };
  /** Of a trigger: at most `limit` of the executions that it starts with a key begin in any `perMs`; the others wait. */
  readonly throttle?: { readonly limit: number; readonly perMs: number; readonly key?: string };
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
  /** At most `limit` executions with the key are under way at once; `onLimit` says what happens to one more. */
  readonly concurrency?: {
    readonly limit: number;
    readonly key?: string;
    readonly onLimit: 'queue' | 'skip' | 'cancelOldest';
  };
  /** Id of the workflow that is started once for every execution that failed or timed out. */
  readonly errorWorkflow?: string;
}
