import { InvariantError, type JsonObject } from '#libs/kernel';
import type { InnerNode, NodeTypes, PureNodeType } from '#libs/node-kit';
import type { RetryPolicy } from './definition.ts';
import { retrySchema } from './definition-schema.ts';
import { prepareConfig, prepareForItem } from './evaluated-config.ts';
import type { PlannedDecisionNode, PlannedInner } from './plan-types.ts';

/** A node that asks for nothing is tried once. */
export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 1,
  backoff: 'exponential',
  initialMs: 1_000,
  maxMs: 60_000,
  jitter: true,
};
export const DEFAULT_NODE_TIMEOUT_MS = 30_000;

/** Where pure nodes within a loop are computed: items may be many, and a decision must be short. */
const PURE_EXECUTOR = 'engine';

/** The type whose nodes start executions and wait for them. */
const SUBWORKFLOW = 'subworkflow';

export function prepareCompute(nodeType: PureNodeType, config: JsonObject): PlannedDecisionNode['compute'] {
  const resolveConfig = prepareConfig(nodeType, config);
  const forItem = prepareForItem(nodeType, config);
  return (scope, taken) =>
    nodeType.compute({
      config: resolveConfig(scope),
      incoming: taken[0]?.output ?? null,
      taken,
      forItem: forItem(scope),
    });
}

/** The node within a loop, made ready to run. */
export function planInner(inner: InnerNode, nodeTypes: NodeTypes): PlannedInner {
  const nodeType = nodeTypes.get(inner.type);
  const base = {
    type: inner.type,
    retry: inner.retry === undefined ? DEFAULT_RETRY : retrySchema.parse(inner.retry),
    timeoutMs: inner.timeoutMs ?? DEFAULT_NODE_TIMEOUT_MS,
    startsExecutions: inner.type === SUBWORKFLOW,
  };
  if (nodeType?.runs === 'executor') {
    const resolveConfig = prepareConfig(nodeType, inner.config);
    return { ...base, runs: 'executor', executor: nodeType.executor, resolveConfig };
  }
  if (nodeType?.runs !== 'decision') throw new InvariantError(`"${inner.type}" cannot run within another node`);
  const compute = prepareCompute(nodeType, inner.config);
  return { ...base, runs: 'decision', executor: PURE_EXECUTOR, compute: (scope) => compute(scope, []).output };
}
