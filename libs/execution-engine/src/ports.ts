import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import type { PayloadReference } from './payload.ts';

/** Keeps values that are too large for events. What was put is never changed. */
export interface PayloadStore {
  /**
   * Stores the JSON text of a value under a key of its own; or under `name` among those of the execution, and then once,
   * however often the same is put.
   */
  put(executionId: string, json: string, name?: string): Promise<PayloadReference>;
  /** The value, its hash checked. */
  get(reference: PayloadReference): Promise<JsonValue>;
}

/** Gives the plan of a published workflow version, which never changes. */
export interface PlanSource {
  planOf(workflowId: string, version: number): Promise<Plan>;
}
