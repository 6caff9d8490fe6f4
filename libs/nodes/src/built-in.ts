import type { NodeTypes } from '#libs/node-kit';
import { forEachNode } from './for-each/for-each.ts';
import { aggregateNode } from './aggregate/aggregate.ts';
import { emailSendNode, type EmailSendDependencies } from './email-send/email-send.ts';
import { failNode } from './fail/fail.ts';
import { filterNode } from './filter/filter.ts';
import { codeNode, type CodeDependencies } from './code/code.ts';
import { httpRequestNode } from './http-request/http-request.ts';
import { ifNode } from './if/if.ts';
import { mergeNode } from './merge/merge.ts';
import { noopNode } from './noop/noop.ts';
import { openApiRequestNode, type OpenApiRequestDependencies } from './openapi-request/openapi-request.ts';
import { respondNode } from './respond/respond.ts';
import { setNode } from './set/set.ts';
import { subworkflowNode } from './subworkflow/subworkflow.ts';
import { switchNode } from './switch/switch.ts';
import { manualTrigger } from './trigger-manual/trigger-manual.ts';
import { scheduleTrigger } from './trigger-schedule/trigger-schedule.ts';
import { emailTrigger } from './trigger-email/trigger-email.ts';
import { webhookTrigger } from './trigger-webhook/trigger-webhook.ts';
import { waitDelayNode } from './wait-delay/wait-delay.ts';
import { waitSignalNode } from './wait-signal/wait-signal.ts';
import { waitUntilNode } from './wait-until/wait-until.ts';

/** What the built-in node types need of the outside. */
export type NodeDependencies = OpenApiRequestDependencies & CodeDependencies & EmailSendDependencies;

/** The node types that come with Millrace, by type. */
export function builtInNodeTypes(dependencies: NodeDependencies): NodeTypes {
  const nodeTypes = [
    manualTrigger,
    webhookTrigger,
    emailTrigger,
    scheduleTrigger,
    ifNode,
    switchNode,
    filterNode,
    setNode,
    mergeNode,
    aggregateNode,
    respondNode,
    noopNode,
    waitDelayNode,
    waitUntilNode,
    waitSignalNode,
    forEachNode,
    subworkflowNode,
    failNode,
    httpRequestNode(dependencies),
    openApiRequestNode(dependencies),
    codeNode(dependencies),
    emailSendNode(dependencies),
  ];
  return new Map(nodeTypes.map((nodeType) => [nodeType.type, nodeType]));
}
