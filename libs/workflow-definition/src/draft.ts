import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { NodeType, NodeTypes } from '#libs/node-kit';

/** What can be read of a definition whose shape may be wrong in places, so that the rest is checked all the same. */
export interface Draft {
  readonly nodes: readonly DraftNode[];
  /** By id; of nodes that share one, the first. */
  readonly byId: ReadonlyMap<string, DraftNode>;
  readonly connections: readonly DraftConnection[];
  /** Templates that are evaluated before any node runs. */
  readonly keys: readonly DraftKey[];
}

export interface DraftNode {
  /** e.g. `nodes[2]`. */
  readonly path: string;
  readonly id: string | undefined;
  readonly typeName: string | undefined;
  readonly nodeType: NodeType | undefined;
  readonly config: JsonObject | undefined;
  readonly onError: string | undefined;
  /** Which of the optional fields are written. */
  readonly fields: ReadonlySet<string>;
}

export interface DraftKey {
  /** e.g. `settings.concurrency.key`. */
  readonly path: string;
  readonly template: string;
}

export interface DraftConnection {
  /** e.g. `connections[0]`. */
  readonly path: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly output: string | undefined;
}

/** A connection both ends of which are known nodes: an edge of the graph. */
export interface DraftEdge extends DraftConnection {
  readonly from: string;
  readonly to: string;
}

export function readDraft(input: unknown, nodeTypes: NodeTypes): Draft {
  const root = isJsonObject(input) ? input : {};
  const nodes = objectsOf(root.nodes).map(({ index, value }) => readNode(index, value, nodeTypes));
  const byId = new Map<string, DraftNode>();
  for (const node of nodes) if (node.id !== undefined && !byId.has(node.id)) byId.set(node.id, node);
  const connections = objectsOf(root.connections).map(({ index, value }) => readConnection(index, value));
  return { nodes, byId, connections, keys: readKeys(root) };
}

export function edgesOf(draft: Draft): DraftEdge[] {
  return draft.connections.filter(
    (connection): connection is DraftEdge =>
      connection.from !== undefined &&
      connection.to !== undefined &&
      draft.byId.has(connection.from) &&
      draft.byId.has(connection.to),
  );
}

function readNode(index: number, value: JsonObject, nodeTypes: NodeTypes): DraftNode {
  const typeName = textOf(value.type);
  return {
    path: `nodes[${index}]`,
    id: textOf(value.id),
    typeName,
    nodeType: typeName === undefined ? undefined : nodeTypes.get(typeName),
    config: configOf(value.config),
    onError: textOf(value.onError),
    fields: new Set(Object.keys(value)),
  };
}

function configOf(config: unknown): JsonObject | undefined {
  if (config === undefined) return {};
  return isJsonObject(config) ? config : undefined;
}

function readConnection(index: number, value: JsonObject): DraftConnection {
  return {
    path: `connections[${index}]`,
    from: textOf(value.from),
    to: textOf(value.to),
    output: value.output === undefined ? 'main' : textOf(value.output),
  };
}

function readKeys(root: JsonObject): DraftKey[] {
  const settings = isJsonObject(root.settings) ? root.settings : {};
  const holders = [
    { path: 'settings.concurrency', holder: settings.concurrency },
    ...objectsOf(root.nodes).flatMap(({ index, value }) => [
      { path: `nodes[${index}].debounce`, holder: value.debounce },
      { path: `nodes[${index}].throttle`, holder: value.throttle },
    ]),
  ];
  return holders.flatMap(({ path, holder }) => {
    const template = isJsonObject(holder) ? textOf(holder.key) : undefined;
    return template === undefined ? [] : [{ path: `${path}.key`, template }];
  });
}

function objectsOf(list: unknown): { readonly index: number; readonly value: JsonObject }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, index) => (isJsonObject(value) ? [{ index, value }] : []));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
