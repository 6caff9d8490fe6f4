import { succeedAt } from './advance.ts';
import type { CommandOf } from './commands.ts';
import type { Draft } from './draft.ts';
import { plannedNode } from './planned.ts';
import type { StartedExecution } from './state.ts';

/** Signals that an execution keeps for nodes that do not wait yet; more are not taken. */
export const MAX_KEPT_SIGNALS = 100;

/** The first node that waits for a signal of the name gets it; without one it is kept. */
export function sendSignal({ name, payload, nodeId: wanted }: CommandOf<'SendSignal'>, draft: Draft): void {
  const { state, context } = draft;
  const waiting = nodeWaitingFor(name, state, wanted);
  if (!waiting && (wanted !== undefined || !hasRoom(state))) return;
  draft.record({ type: 'SignalReceived', data: { name, payload } });
  if (!waiting) return;
  const { nodeId, attempt } = waiting;
  draft.record({ type: 'SignalDelivered', data: { name, nodeId } });
  succeedAt(draft, plannedNode(context, nodeId), { attempt, output: payload });
}

function hasRoom({ signals = [] }: StartedExecution): boolean {
  return signals.length < MAX_KEPT_SIGNALS;
}

/** The first of the nodes, in the order in which they were reached, that waits for a signal of the name. */
export function nodeWaitingFor(
  name: string,
  { nodes }: StartedExecution,
  wanted?: string,
): { readonly nodeId: string; readonly attempt: number } | undefined {
  for (const [nodeId, node] of Object.entries(nodes)) {
    if (wanted !== undefined && nodeId !== wanted) continue;
    if (node.status === 'waiting' && node.on.kind === 'signal' && node.on.name === name)
      return { nodeId, attempt: node.attempt };
  }
  return undefined;
}
