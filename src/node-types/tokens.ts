/** The node types of this installation: a NodeTypes map. */
export const NODE_TYPES = Symbol('NodeTypes');
