import type { Plan } from '#libs/workflow-definition';
import type { ExecutionEvent } from './events.ts';
import type { ExecutionState } from './state.ts';

/** One commit: what it records, between the states that it lies between. */
export interface Transition {
  readonly executionId: string;
  readonly before: ExecutionState;
  readonly events: readonly ExecutionEvent[];
  readonly after: ExecutionState;
  readonly at: string;
  /** Absent at the door, where none is at hand and none is needed. */
  readonly plan?: Plan;
}
