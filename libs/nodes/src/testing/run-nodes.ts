import type { JsonObject, JsonValue } from '#libs/kernel';
import type { AttemptContext, NodeType, PureNodeOutput } from '#libs/node-kit';

/** What a pure node makes of an evaluated config and of what came in, each from a node named for its place: `n0`, `n1` … */
export function computeNode(
  nodeType: NodeType,
  config: JsonObject,
  incoming: readonly JsonValue[] = [],
): PureNodeOutput {
  if (nodeType.runs !== 'decision') throw new Error(`${nodeType.type} is not computed in the decision`);
  const taken = incoming.map((output, index) => ({ nodeId: `n${index}`, output }));
  return nodeType.compute({ config: nodeType.configSchema.parse(config), incoming: taken[0]?.output ?? null, taken });
}

/** Runs an action with an evaluated config. */
export async function runNode(
  nodeType: NodeType,
  config: JsonObject,
  signal = new AbortController().signal,
): Promise<JsonValue> {
  if (nodeType.runs !== 'executor') throw new Error(`${nodeType.type} is not run by an executor`);
  const attempt: AttemptContext = { executionId: 'ex_1', workspaceId: 'ws_1', nodeId: 'node', attempt: 1, signal };
  return nodeType.run(nodeType.configSchema.parse(config), attempt);
}

/** What is wrong with a config as written, as `path: message`. */
export function checkedBy(nodeType: NodeType, config: JsonObject): string[] {
  return (nodeType.check?.(config) ?? []).map(({ path, message }) => `${path}: ${message}`);
}

/** Paths of what the schema refuses, as `a.0.b`. */
export function refusedBy(nodeType: NodeType, config: JsonValue): string[] {
  const parsed = nodeType.configSchema.safeParse(config);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}
