import { isSource, type NodeTypes } from '#libs/node-kit';

/** Whether nodes of the type are called at a URL of their own: by anybody, or by the service that they are for. */
export function isCalled(nodeTypes: NodeTypes, type: string): boolean {
  return type === 'trigger.webhook' || isSource(nodeTypes, type);
}

/** All such types of this installation. */
export function calledTypesIn(nodeTypes: NodeTypes): readonly string[] {
  return [...nodeTypes.keys()].filter((type) => isCalled(nodeTypes, type));
}
