/**
 * Nodes by id that one fold may change in place, because nobody else has them: of a thousand nodes a copy for each fact
 * costs more than all the rest. The first change copies, the following ones do not.
 */
export class OwnNodes<Node = unknown> {
  #own: Record<string, Node> | undefined;

  with(nodes: Readonly<Record<string, Node>>, nodeId: string, node: Node): Readonly<Record<string, Node>> {
    const own = this.#own !== undefined && this.#own === nodes ? this.#own : { ...nodes };
    own[nodeId] = node;
    this.#own = own;
    return own;
  }
}
