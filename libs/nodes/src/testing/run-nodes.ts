import type { JsonObject, JsonValue } from '#libs/kernel';
import type { Credential, CredentialType } from '#libs/credential-types';
import { AwaitedExecution, NodeError, type AttemptContext, type NodeType, type PureNodeOutput } from '#libs/node-kit';

/** What a pure node makes of an evaluated config and of what came in, each from a node named for its place: `n0`, `n1` … */
export function computeNode(
  nodeType: NodeType,
  config: JsonObject,
  incoming: readonly JsonValue[] = [],
): PureNodeOutput {
  if (nodeType.runs !== 'decision') throw new Error(`${nodeType.type} is not computed in the decision`);
  const taken = incoming.map((output, index) => ({ nodeId: `n${index}`, output }));
  return nodeType.compute({
    config: nodeType.configSchema.parse(config),
    incoming: taken[0]?.output ?? null,
    taken,
    forItem: () => null,
  });
}

/** An attempt at the node `node`, in a workspace with these credentials. */
export function attemptWith({
  signal = new AbortController().signal,
  credentials = [],
}: {
  readonly signal?: AbortSignal;
  readonly credentials?: readonly Credential[];
}): AttemptContext {
  const isOneOf = <Type extends CredentialType>(one: Credential, types: readonly Type[]): one is Credential<Type> =>
    types.some((type) => type === one.type);
  return {
    executionId: 'ex_1',
    workspaceId: 'ws_1',
    nodeId: 'node',
    attempt: 1,
    scope: {
      trigger: null,
      nodes: {},
      execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
      workflow: { id: 'wf_1', version: 1, name: 'Spec' },
      vars: {},
    },
    signal,
    startExecution: () => Promise.reject(new Error('specs start nothing')),
    credential: async (id, types) => {
      const credential = credentials.find((one) => one.id === id);
      if (credential && isOneOf(credential, types)) return credential;
      throw new NodeError('CREDENTIAL_NOT_FOUND', `there is no credential ${id}`, { retryable: false });
    },
  };
}

/** Runs an action with an evaluated config. */
export async function runNode(
  nodeType: NodeType,
  config: JsonObject,
  { signal, credentials }: Parameters<typeof attemptWith>[0] = {},
): Promise<JsonValue> {
  if (nodeType.runs !== 'executor') throw new Error(`${nodeType.type} is not run by an executor`);
  const attempt = attemptWith({ ...(signal ? { signal } : {}), ...(credentials ? { credentials } : {}) });
  const output = await nodeType.run(nodeType.configSchema.parse(config), attempt);
  if (output instanceof AwaitedExecution) throw new Error(`${nodeType.type} waits for ${output.executionId}`);
  return output;
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
