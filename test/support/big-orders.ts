import { readFileSync } from 'node:fs';

/** examples/big-orders.json, its last node calling the sink instead. */
export function bigOrders(sinkUrl: string): object {
  const text = readFileSync('examples/big-orders.json', 'utf8');
  return JSON.parse(text.replace('https://example.com/big', `${sinkUrl}/big`)) as object;
}

/** Any graph behind a manual trigger `start`: nodes by id, connections as `from>to` or `from:output>to`. */
export function manualGraph(nodes: Readonly<Record<string, object>>, connections: readonly string[]): object {
  return {
    name: 'Test graph',
    nodes: [
      { id: 'start', type: 'trigger.manual', config: {} },
      ...Object.entries(nodes).map(([id, node]) => ({ id, config: {}, ...node })),
    ],
    connections: connections.map((text) => {
      const [, from, output, to] = /^(\w+)(?::(\w+))?>(\w+)$/.exec(text) ?? [];
      return { from, to, ...(output ? { output } : {}) };
    }),
  };
}
