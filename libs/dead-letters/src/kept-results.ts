import { nodeStateOf, outputOf, type KeptResult, type NodeState, type StartedExecution } from '#libs/execution-engine';

/**
 * What an execution that goes on from this one need not do again: nodes that succeeded, that were skipped, and that failed
 * in a way that the flow survived. The node that the execution failed at, and all that was not over, run again.
 */
export function keptResultsOf(state: StartedExecution): Readonly<Record<string, KeptResult>> {
  const others = Object.keys(state.nodes).filter((nodeId) => nodeId !== state.trigger.nodeId);
  return Object.fromEntries(
    others.flatMap((nodeId) => {
      const result = keptResultOf(state, nodeId);
      return result ? [[nodeId, result]] : [];
    }),
  );
}

function keptResultOf(state: StartedExecution, nodeId: string): KeptResult | undefined {
  const node = nodeStateOf(state, nodeId);
  if (node?.status === 'skipped') return { status: 'skipped' };
  if (!node || !didTheFlowGoOn(node)) return undefined;
  const { status, attempt, leavesBy } = node;
  const output = outputOf(state, nodeId);
  return output && { status, attempt, output, leavesBy };
}

function didTheFlowGoOn(node: NodeState): node is Extract<NodeState, { readonly status: 'succeeded' | 'failed' }> {
  return node.status === 'succeeded' || (node.status === 'failed' && node.leavesBy.length > 0);
}
