import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { Credential, CredentialType, CredentialTypeDefinition, DefinedCredential } from '#libs/credential-types';
import {
  AwaitedExecution,
  NodeError,
  type Allowance,
  type AttemptContext,
  type NodeType,
  type PureNodeOutput,
  type ResponseDrift,
} from '#libs/node-kit';
import type { Scope } from '#libs/expressions';
import { parseDefinition, planWorkflow } from '#libs/workflow-definition';
import { manualTrigger } from '../trigger-manual/trigger-manual.ts';

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

/** What a pure node makes of a config as it is written in a workflow, whose trigger delivered `body`. */
export function computeWritten(nodeType: NodeType, config: JsonObject, body: JsonValue): PureNodeOutput {
  const { nodeTypes, parsed } = publish(nodeType, config);
  if (parsed.kind === 'refused') throw new Error(`not a workflow: ${JSON.stringify(parsed.problems)}`);
  const plan = planWorkflow({ workflowId: 'wf_1', version: 1, definition: parsed.definition, nodeTypes });
  const node = plan.nodes.get('node');
  if (node?.runs !== 'decision') throw new Error(`${nodeType.type} is not computed in the decision`);
  return node.compute({ ...SCOPE, trigger: { body } }, []);
}

/** What is wrong with a config when a workflow is published, as `path: message`. */
export function refusedAtPublish(nodeType: NodeType, config: JsonObject): string[] {
  const { parsed } = publish(nodeType, config);
  if (parsed.kind !== 'refused') return [];
  return parsed.problems.map(({ path, message }) => `${path.replace('nodes[1].config.', '')}: ${message}`);
}

function publish(nodeType: NodeType, config: JsonObject) {
  const nodeTypes = new Map([manualTrigger, nodeType].map((one) => [one.type, one]));
  const nodes = [
    { id: 'start', type: manualTrigger.type },
    { id: 'node', type: nodeType.type, config },
  ];
  const definition = { name: 'Spec', nodes, connections: [{ from: 'start', to: 'node' }] };
  return { nodeTypes, parsed: parseDefinition(definition, nodeTypes) };
}

const SCOPE: Scope = {
  trigger: null,
  nodes: {},
  execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
  workflow: { id: 'wf_1', version: 1, name: 'Spec' },
  vars: {},
};

export interface GivenAttempt {
  readonly attempt?: number;
  readonly signal?: AbortSignal;
  readonly credentials?: readonly (Credential | DefinedCredential<CredentialTypeDefinition>)[];
  readonly renewed?: AttemptContext['renewed'];
  /** Filled with what the node said of quotas, with the quota of each call after the first, and with drift. */
  readonly learned?: { readonly key: string; readonly allowance: Allowance }[];
  readonly spent?: string[];
  readonly drift?: ResponseDrift[];
  /** That the trigger brought. */
  readonly files?: readonly Uint8Array[];
}

/** Where nothing is given. */
const nothing = (): Required<GivenAttempt> => ({
  ...{ attempt: 1, signal: new AbortController().signal, credentials: [], files: [] },
  ...{ learned: [], spent: [], drift: [] },
  renewed: () => Promise.reject(new Error('specs renew nothing')),
});

/** An attempt at the node `node`, in a workspace with these credentials. */
export function attemptWith(given: GivenAttempt): AttemptContext {
  const { attempt, signal, credentials, files, renewed, learned, spent, drift } = { ...nothing(), ...given };
  type Given = Credential | DefinedCredential<CredentialTypeDefinition>;
  const unfit = (id: string, types: readonly string[]): NodeError => {
    const found = credentials.find((one) => one.id === id);
    if (!found) return new NodeError('CREDENTIAL_NOT_FOUND', `there is no credential ${id}`, { retryable: false });
    const message = `the credential ${id} is of the type ${found.type}; this node takes ${types.join(', ')}`;
    return new NodeError('CREDENTIAL_WRONG_TYPE', message, { retryable: false });
  };
  const isOneOf = <Type extends CredentialType>(one: Given, types: readonly Type[]): one is Credential<Type> =>
    types.some((type) => type === one.type);
  return {
    executionId: 'ex_1',
    workspaceId: 'ws_1',
    nodeId: 'node',
    attempt,
    idempotencyKey: 'key-1',
    scope: SCOPE,
    signal,
    startExecution: () => Promise.reject(new Error('specs start nothing')),
    file: async (sha256) => {
      const content = files.find((one) => createHash('sha256').update(one).digest('hex') === sha256);
      if (content) return content;
      throw new NodeError('FILE_NOT_FOUND', `there is no file ${sha256}`, { retryable: false });
    },
    credential: async (id, types) => {
      const credential = credentials.find((one) => one.id === id);
      if (credential && isOneOf(credential, types)) return credential;
      throw unfit(id, types);
    },
    credentialOf: async <Definition extends CredentialTypeDefinition>(
      id: string,
      definitions: readonly Definition[],
    ) => {
      const found = credentials.find((one) => one.id === id);
      const definition = definitions.find(({ type }) => type === found?.type);
      if (found && definition)
        return { ...found, data: definition.data.parse(found.data) } as DefinedCredential<Definition>;
      throw unfit(
        id,
        definitions.map(({ type }) => type),
      );
    },
    renewed,
    spendQuota: (key) => void spent.push(key),
    learnQuota: (key, allowance) => void learned.push({ key, allowance }),
    noticeDrift: (noticed) => void drift.push(...noticed),
  };
}

/** Runs an action with an evaluated config. */
export async function runNode(nodeType: NodeType, config: JsonObject, given: GivenAttempt = {}): Promise<JsonValue> {
  if (nodeType.runs !== 'executor') throw new Error(`${nodeType.type} is not run by an executor`);
  const output = await nodeType.run(nodeType.configSchema.parse(config), attemptWith(given));
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
