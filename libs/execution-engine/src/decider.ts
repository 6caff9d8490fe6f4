import type { Decider } from '#libs/event-sourcing';
import type { ExecutionCommand } from './commands.ts';
import { decide } from './decide.ts';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent } from './events.ts';
import { evolve, initialState } from './evolve.ts';
import type { ExecutionState } from './state.ts';

export const executionDecider: Decider<ExecutionState, ExecutionCommand, ExecutionEvent, DecisionContext> = {
  decide,
  evolve,
  initialState,
};
