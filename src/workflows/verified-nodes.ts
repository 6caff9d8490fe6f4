import type { Problem } from '#libs/kernel';
import { readSource, type NodeTypes, type ReadSource } from '#libs/node-kit';
import { webhookTriggerConfigSchema } from '#libs/nodes';
import { verifyOf, type VerifyConfig } from '#libs/webhook-signatures';
import { credentialReferencesOf, type NodeDefinition, type WorkflowDefinition } from '#libs/workflow-definition';

/** A node whose calls are verified with a credential, and where it names that. */
export interface VerifiedNode {
  readonly path: string;
  readonly verify: VerifyConfig;
}

type Source = Extract<ReadSource, { readonly kind: 'read' }>;

/** Nodes of types that services call, and `trigger.webhook`. */
export function verifiedNodesIn(definition: WorkflowDefinition, nodeTypes: NodeTypes): VerifiedNode[] {
  return definition.nodes.flatMap((node, index): VerifiedNode[] => {
    const config = `nodes[${index}].config`;
    if (node.type === 'trigger.webhook') {
      const verify = webhookVerifyOf(node);
      return verify ? [{ path: `${config}.verify.credentialId`, verify }] : [];
    }
    const verify = sourceVerifyOf(node, nodeTypes);
    return verify ? [{ path: pathOf(verify.credentialId, { config, definition }), verify }] : [];
  });
}

/** Of nodes that services call: those whose calls nobody could sign, so that they would never start anything. */
export function unsignedProblems({ nodes }: WorkflowDefinition, nodeTypes: NodeTypes): Problem[] {
  return nodes.flatMap((node, index) => {
    const message = whyUnsigned(readSource(nodeTypes, node), node.type);
    return message === undefined ? [] : [{ path: `nodes[${index}].config`, message }];
  });
}

function whyUnsigned(read: ReadSource, type: string): string | undefined {
  if (read.kind === 'none') return undefined;
  if (read.kind === 'unreadable')
    return `was accepted by another version of ${type}, and this one can't read it: change it, and publish the workflow again`;
  return isSignable(read) ? undefined : unsignable(read);
}

function isSignable({ webhook, config }: Source): boolean {
  const { scheme, credentialId } = webhook.proofOf(config);
  if (credentialId !== undefined) return true;
  // Its keys have a form of their own, which the secrets of the installation have not.
  return scheme !== 'standard-webhooks' && webhook.registration?.targetOf(config) !== undefined;
}

function unsignable({ webhook }: Source): string {
  const other = webhook.registration ? ', or say where Millrace is to register the URL' : '';
  return `nobody could sign its calls: name the credential that has the secret with which the service signs${other}`;
}

function webhookVerifyOf({ config }: NodeDefinition): VerifyConfig | undefined {
  const verify = webhookTriggerConfigSchema.safeParse(config).data?.verify;
  return verify && verify.scheme !== 'none' ? verify : undefined;
}

function sourceVerifyOf(node: NodeDefinition, nodeTypes: NodeTypes): VerifyConfig | undefined {
  const read = readSource(nodeTypes, node);
  const verify = read.kind === 'read' ? verifyOf(read.webhook.proofOf(read.config)) : undefined;
  return verify && 'credentialId' in verify ? verify : undefined;
}

/** Where the config names the credential, whatever it calls the place. */
function pathOf(
  credentialId: string,
  { config, definition }: { readonly config: string; readonly definition: WorkflowDefinition },
): string {
  const places = credentialReferencesOf(definition).filter(({ path }) => path.startsWith(`${config}.`));
  return places.find((one) => one.credentialId === credentialId)?.path ?? config;
}
