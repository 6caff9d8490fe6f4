import type { NodeTypes } from '#libs/node-kit';
import { codeNode, type CodeDependencies } from './code/code.ts';
import { httpRequestNode, type HttpRequestDependencies } from './http-request/http-request.ts';
import { ifNode } from './if/if.ts';
import { mergeNode } from './merge/merge.ts';
import { noopNode } from './noop/noop.ts';
import { setNode } from './set/set.ts';
import { switchNode } from './switch/switch.ts';
import { manualTrigger } from './trigger-manual/trigger-manual.ts';
import { webhookTrigger } from './trigger-webhook/trigger-webhook.ts';

/** What the built-in node types need of the outside. */
export type NodeDependencies = HttpRequestDependencies & CodeDependencies;

/** The node types that come with Millrace, by type. */
export function builtInNodeTypes(dependencies: NodeDependencies): NodeTypes {
  const nodeTypes = [
    manualTrigger,
    webhookTrigger,
    ifNode,
    switchNode,
    setNode,
    mergeNode,
    noopNode,
    httpRequestNode(dependencies),
    codeNode(dependencies),
  ];
  return new Map(nodeTypes.map((nodeType) => [nodeType.type, nodeType]));
}
