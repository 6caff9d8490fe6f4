import type { Problem } from '#libs/kernel';
import { edgesOf, type Draft, type DraftConnection, type DraftEdge, type DraftNode } from './draft.ts';
import { didYouMean } from './suggest.ts';

/** The output that a node has more when it branches on its errors. */
export const ERROR_OUTPUT = 'error';

/** What is wrong with each connection: its ends, the output it leaves by, and whether it is there twice. */
export function checkConnections(draft: Draft): Problem[] {
  const outputs = outputsOfAll(draft);
  return [
    ...draft.connections.flatMap((connection) => [
      ...checkEnd(connection, 'from', draft),
      ...checkEnd(connection, 'to', draft),
    ]),
    ...edgesOf(draft).flatMap((edge) => [...checkOutput(edge, draft, outputs), ...checkTarget(edge, draft)]),
    ...findDuplicates(draft.connections),
  ];
}

function checkEnd(connection: DraftConnection, end: 'from' | 'to', draft: Draft): Problem[] {
  const id = connection[end];
  if (id === undefined || id === '' || draft.byId.has(id)) return [];
  const message = `there is no node "${id.slice(0, 64)}"${didYouMean(id, draft.byId.keys())}`;
  return [{ path: `${connection.path}.${end}`, message }];
}

function checkTarget(edge: DraftEdge, draft: Draft): Problem[] {
  if (edge.from === edge.to) return [{ path: edge.path, message: `connects node "${edge.from}" to itself` }];
  if (draft.byId.get(edge.to)?.nodeType?.kind !== 'trigger') return [];
  return [{ path: `${edge.path}.to`, message: `"${edge.to}" is a trigger, and nothing can lead to one` }];
}

type Outputs = ReadonlyMap<DraftNode, readonly string[]>;

/** The output by which the flow goes on when the node failed for good; a condition gets `main` for that alone. */
function outputAfterFailure(node: DraftNode): string | undefined {
  if (node.onError === 'branch') return ERROR_OUTPUT;
  return node.onError === 'continue' ? 'main' : undefined;
}

/** Nodes whose failure is to go on by an output that no connection leaves by, though others do: the flow ends there, silently. */
export function findStrandedFailures(draft: Draft): Problem[] {
  const outgoing = Map.groupBy(draft.connections, ({ from }) => from);
  return [...draft.byId].flatMap(([id, node]) => {
    const output = outputAfterFailure(node);
    const connections = outgoing.get(id) ?? [];
    if (output === undefined || node.nodeType?.kind === 'trigger' || connections.length === 0) return [];
    if (connections.some((connection) => connection.output === output)) return [];
    return [{ path: `${node.path}.onError`, message: `a failure leaves by "${output}", and no connection does` }];
  });
}

/** Once per node, whatever the number of its connections. Of nodes that cannot be judged there is nothing. */
function outputsOfAll(draft: Draft): Outputs {
  const outputs = new Map<DraftNode, readonly string[]>();
  for (const node of draft.byId.values()) {
    if (!node.nodeType || !node.config) continue;
    const own = node.nodeType.outputsOf(node.config);
    const afterFailure = outputAfterFailure(node);
    outputs.set(node, afterFailure === undefined || own.includes(afterFailure) ? own : [...own, afterFailure]);
  }
  return outputs;
}

function checkOutput(edge: DraftEdge, draft: Draft, outputs: Outputs): Problem[] {
  const node = draft.byId.get(edge.from);
  const known = node && outputs.get(node);
  if (!known || edge.output === undefined || edge.output === '' || known.includes(edge.output)) return [];
  if (edge.output === ERROR_OUTPUT) {
    const message = `"${edge.from}" has the output "error" only with onError "branch"`;
    return [{ path: `${edge.path}.output`, message }];
  }
  const names = known.map((name) => `"${name}"`).join(', ');
  const has = names === '' ? 'it has none' : `it has ${names}`;
  return [
    { path: `${edge.path}.output`, message: `"${edge.from}" has no output "${edge.output.slice(0, 64)}"; ${has}` },
  ];
}

function findDuplicates(connections: readonly DraftConnection[]): Problem[] {
  const first = new Map<string, DraftConnection>();
  return connections.flatMap((connection) => {
    if (connection.from === undefined || connection.to === undefined || connection.output === undefined) return [];
    const key = JSON.stringify([connection.from, connection.output, connection.to]);
    const same = first.get(key);
    if (same) return [{ path: connection.path, message: `is the same as ${same.path}` }];
    first.set(key, connection);
    return [];
  });
}
