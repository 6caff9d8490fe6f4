/** A webhook named `hook` with this config, and what is behind it: nodes by id, connections as `from>to`. */
export function hookGraph(
  config: object,
  nodes: Readonly<Record<string, object>> = {},
  connections: readonly string[] = [],
): object {
  return {
    name: 'Behind a webhook',
    nodes: [
      { id: 'hook', type: 'trigger.webhook', config },
      ...Object.entries(nodes).map(([id, node]) => ({ id, config: {}, ...node })),
    ],
    connections: connections.map((text) => {
      const [from, to] = text.split('>');
      return { from, to };
    }),
  };
}
