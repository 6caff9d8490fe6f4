import { nodeStateOf, isTerminal, type ExecutionState } from './state.ts';

/** The timer that brings a node's next attempt after `attempt` failed. Ids are subject tokens: node ids fit as they are. */
export function retryTimerId(nodeId: string, attempt: number): string {
  return `retry-${attempt}-${nodeId}`;
}

export function nodeOfTimer(timerId: string): { nodeId: string; attempt: number } | undefined {
  const match = /^retry-(\d+)-(.+)$/.exec(timerId);
  return match?.[1] && match[2] ? { nodeId: match[2], attempt: Number(match[1]) } : undefined;
}

/** Timers that the state still wants to fire. */
export function armedTimers(state: ExecutionState): readonly string[] {
  if (state.status === 'none' || isTerminal(state)) return [];
  return Object.keys(state.nodes).flatMap((nodeId) => {
    const node = nodeStateOf(state, nodeId);
    return node?.status === 'retrying' ? [retryTimerId(nodeId, node.attempt)] : [];
  });
}
