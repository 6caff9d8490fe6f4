/**
 * Nodes by id, or batches by number, that one fold may change in place, because nobody else has them: of a thousand nodes a
 * copy for each fact costs more than all the rest. The first change copies, the following ones do not.
 */
export class OwnNodes<Node = unknown> {
  #own: Record<string, Node> | undefined;

  with(nodes: Readonly<Record<string, Node>>, nodeId: string | number, node: Node): Readonly<Record<string, Node>> {
    const own = this.#ownOf(nodes);
    own[nodeId] = node;
    return own;
  }

  without(nodes: Readonly<Record<string, Node>>, nodeId: string | number): Readonly<Record<string, Node>> {
    const own = this.#ownOf(nodes);
    delete own[nodeId];
    return own;
  }

  #ownOf(nodes: Readonly<Record<string, Node>>): Record<string, Node> {
    if (this.#own === undefined || this.#own !== nodes) this.#own = { ...nodes };
    return this.#own;
  }
}
