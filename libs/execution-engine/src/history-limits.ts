import type { ExecutionEvent } from './events.ts';
import { isActive, isTerminal, type ExecutionState } from './state.ts';

/** In events. A history is read and folded as a whole, so it must not grow for ever: say, of one that is postponed every second. */
export const HISTORY_LIMITS = { warns: 5_000, stops: 20_000 } as const;

/** What follows when the history has `version` events and the execution is not over. */
export function endOfLongHistory(state: ExecutionState, version: number): readonly ExecutionEvent[] {
  if (version < HISTORY_LIMITS.stops || state.status === 'none' || isTerminal(state)) return [];
  const [nodeId, node] = Object.entries(state.nodes).find(([, one]) => isActive(one)) ?? [state.trigger.nodeId];
  const message = `the history has ${version} events, and an execution is ended at ${HISTORY_LIMITS.stops}; use larger batches, or split it into sub-workflows`;
  const attempt = isActive(node) ? node.attempt : 1;
  return [{ type: 'ExecutionFailed', data: { error: { code: 'HISTORY_TOO_LONG', message, nodeId, attempt } } }];
}
