import type { JsonObject } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { builtInNodeTypes, LateMailRecords, LateMailTemplates, LateOpenApiOperations } from '#libs/nodes';
import {
  parseDefinition,
  planWorkflow,
  type NodeDefinition,
  type Plan,
  type WorkflowSettings,
} from '#libs/workflow-definition';

/** The built-in node types in a world of their own: `http.request`, `email.send` and `code` can be planned, and fail when they are run. */
export const nodeTypes: NodeTypes = builtInNodeTypes({
  http: {
    request: () => Promise.reject(new Error('specs call nobody')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  mail: {
    send: () => Promise.reject(new Error('specs send no mail')),
    check: () => Promise.reject(new Error('specs send no mail')),
    held: () => ({ pools: 0, connections: 0, waiting: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  mailRecords: new LateMailRecords(),
  mailTemplates: new LateMailTemplates(),
  openApiOperations: new LateOpenApiOperations(),
  sandbox: {
    run: () => Promise.reject(new Error('specs run no code')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  clock: { nowMs: () => 0 },
  version: 'spec',
});

/** A node's type alone, or all of its definition but the id. */
export type DrawnNode = string | (Partial<Omit<NodeDefinition, 'id' | 'config'>> & { readonly config?: JsonObject });

/**
 * The plan of a workflow given as its nodes by id and its connections as text: `a > b`, or `a:output > b`. Goes the way
 * of a published workflow, so a drawing that would not be accepted throws with its problems.
 */
export function planOf(
  nodes: Readonly<Record<string, DrawnNode>>,
  connections: readonly string[] = [],
  types: NodeTypes = nodeTypes,
  { workflowId = 'wf_drawn', settings }: { workflowId?: string; settings?: Partial<WorkflowSettings> } = {},
): Plan {
  const parsed = parseDefinition(
    {
      name: 'Drawn',
      nodes: Object.entries(nodes).map(([id, node]) => ({ id, ...(typeof node === 'string' ? { type: node } : node) })),
      connections: connections.map(parseConnection),
      ...(settings ? { settings: { ...settings } } : {}),
    },
    types,
  );
  if (parsed.kind === 'refused') throw new Error(`not a workflow: ${JSON.stringify(parsed.problems)}`);
  return planWorkflow({ workflowId, version: 1, definition: parsed.definition, nodeTypes: types });
}

function parseConnection(text: string): { from: string; to: string; output?: string } {
  const match = /^([\w-]+)(?::([\w-]+))? > ([\w-]+)$/.exec(text);
  const [, from, output, to] = match ?? [];
  if (from === undefined || to === undefined) throw new Error(`not a connection: ${text}`);
  return { from, to, ...(output === undefined ? {} : { output }) };
}
