import type { NodeTypes } from '#libs/node-kit';

/** Where pure nodes within loops are computed, and executions are started by others. */
const ENGINE_EXECUTOR = 'engine';

/** The executor classes that the node types need, each once, sorted. */
export function executorsOf(nodeTypes: NodeTypes): readonly string[] {
  const executors = [...nodeTypes.values()].flatMap((one) => (one.runs === 'executor' ? [one.executor] : []));
  return [...new Set([ENGINE_EXECUTOR, ...executors])].sort();
}
