import type { NodeTypes } from '#libs/node-kit';

/** The executor classes that the node types need, each once, sorted. */
export function executorsOf(nodeTypes: NodeTypes): readonly string[] {
  const executors = [...nodeTypes.values()].flatMap((one) => (one.runs === 'executor' ? [one.executor] : []));
  return [...new Set(executors)].sort();
}
