import type { Plan } from '#libs/workflow-definition';
import type { StoredValues } from './payload.ts';

/** What a decision needs and must not fetch. */
export interface DecisionContext {
  readonly executionId: string;
  readonly plan: Plan;
  /** The instant of the decision; its events are recorded at it. */
  readonly at: string;
  /** Values of the payloads that the state refers to. */
  readonly stored: StoredValues;
}
