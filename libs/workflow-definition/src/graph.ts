/** Ids of nodes to the ids of those behind their connections. */
export type Adjacency = ReadonlyMap<string, readonly string[]>;

interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly ids: readonly string[];
  readonly next: Adjacency;
  readonly previous: Adjacency;
}

export function buildGraph(ids: Iterable<string>, edges: Iterable<Edge>): Graph {
  const next = new Map<string, string[]>();
  const previous = new Map<string, string[]>();
  for (const id of ids) {
    next.set(id, []);
    previous.set(id, []);
  }
  for (const { from, to } of edges) {
    next.get(from)?.push(to);
    previous.get(to)?.push(from);
  }
  return { ids: [...next.keys()], next, previous };
}

/** Everything that can be got to from `starts`, they themselves included only when a connection leads to them. */
export function reachableFrom(starts: Iterable<string>, adjacency: Adjacency): Set<string> {
  const seen = new Set<string>();
  const open = [...starts];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of adjacency.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}

/**
 * The shortest cycles that keep a graph from having an order, each as its ids in order, the first one not repeated. Nodes
 * that no cycle can hold are peeled off from both ends first; one cycle is named for every tangle of what is left.
 */
export function findCycles(graph: Graph): string[][] {
  const tangled = peel(graph);
  const cycles: string[][] = [];
  while (tangled.size > 0) {
    const [start] = tangled;
    if (start === undefined) break;
    const cycle = shortestCycle(start, graph.next, tangled);
    if (cycle) cycles.push(cycle);
    removeTangle(start, cycle === undefined, graph, tangled);
  }
  return cycles;
}

/** A start on no cycle (it only joins two tangles) leaves alone; a start on one leaves with all that shares a cycle with it. */
function removeTangle(start: string, alone: boolean, graph: Graph, tangled: Set<string>): void {
  if (!alone) {
    const after = reachableFrom([start], graph.next);
    for (const id of reachableFrom([start], graph.previous)) if (after.has(id)) tangled.delete(id);
  }
  tangled.delete(start);
}

/** What is left when nodes without a way in or without a way out are taken away until there are none. */
function peel(graph: Graph): Set<string> {
  const left = new Set(graph.ids);
  peelFrom(left, graph.previous, graph.next);
  peelFrom(left, graph.next, graph.previous);
  return left;
}

function peelFrom(left: Set<string>, behind: Adjacency, ahead: Adjacency): void {
  const held = new Map([...left].map((id) => [id, (behind.get(id) ?? []).filter((other) => left.has(other)).length]));
  const free = [...left].filter((id) => held.get(id) === 0);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left.delete(id);
    for (const other of ahead.get(id) ?? []) {
      const stillHeld = (held.get(other) ?? 0) - 1;
      held.set(other, stillHeld);
      if (stillHeld === 0) free.push(other);
    }
  }
}

/** Breadth first from `start` back to it, within `allowed`. */
function shortestCycle(start: string, next: Adjacency, allowed: ReadonlySet<string>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const other of next.get(id) ?? []) {
      if (other === start) return walkBack(id, start, cameFrom);
      if (!allowed.has(other) || cameFrom.has(other)) continue;
      cameFrom.set(other, id);
      queue.push(other);
    }
  }
  return undefined;
}

function walkBack(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const cycle = [last];
  for (let id = last; id !== start;) {
    id = cameFrom.get(id) ?? start;
    cycle.push(id);
  }
  return cycle.reverse();
}
