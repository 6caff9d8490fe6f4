import { deciderSpecification } from '#libs/event-sourcing/testing';
import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import type { AttemptFailure, ExecutionCommand } from '../commands.ts';
import type { DecisionContext } from '../decision-context.ts';
import { executionDecider } from '../decider.ts';
import { NO_STORED_VALUES } from '../payload.ts';

export const NOW = '2026-11-23T10:00:00.000Z';

export function contextOf(plan: Plan, changes: Partial<DecisionContext> = {}): DecisionContext {
  return { executionId: 'ex_1', plan, at: NOW, stored: NO_STORED_VALUES, ...changes };
}

/** given(events).when(command).then(events) for executions of the plan. */
export function executionsOf(plan: Plan, changes: Partial<DecisionContext> = {}) {
  return deciderSpecification(executionDecider, contextOf(plan, changes), NOW);
}

export const begin: ExecutionCommand = { type: 'BeginExecution' };

export function success(nodeId: string, output: JsonValue = {}, attempt = 1): ExecutionCommand {
  return { type: 'RecordSuccess', nodeId, attempt, output };
}

export function failure(nodeId: string, how: Partial<AttemptFailure> = {}, attempt = 1): ExecutionCommand {
  const { code = 'BROKEN', message = 'it broke', retryable = false, ...more } = how;
  return { type: 'RecordFailure', nodeId, attempt, failure: { code, message, retryable, ...more } };
}

export function fire(timerId: string): ExecutionCommand {
  return { type: 'FireTimer', timerId };
}
