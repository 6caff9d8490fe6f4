import type { CredentialTypeDefinition, DefinedCredential } from '#libs/credential-types';
import type { Clock, JsonObject, JsonValue } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { runNode } from '#libs/nodes/testing';
import { createOutboundHttp } from '#libs/outbound-http';
import { github } from '../github.ts';

type Given = NonNullable<Parameters<typeof runNode>[2]>;
type AnyCredential = DefinedCredential<CredentialTypeDefinition>;

/** The connector, over a client that may go to loopback. */
export interface GitHubRunner extends AsyncDisposable {
  readonly nodeTypes: readonly NodeType[];
  node(type: string): NodeType;
  /** An action, with `credentialId: cr_1` and `repository: octocat/hello-world` unless the config says otherwise. */
  run(type: string, config: JsonObject, given: Given): Promise<JsonValue>;
}

export function gitHubRunner(clock: Clock = { nowMs: () => Date.now() }): GitHubRunner {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const nodeTypes = github.nodeTypes({ http, clock, version: '1.2.3' });
  const node = (type: string): NodeType => {
    const found = nodeTypes.find((one) => one.type === type);
    if (!found) throw new Error(`there is no ${type}`);
    return found;
  };
  return {
    nodeTypes,
    node,
    run: (type, config, given) => {
      const isInRepository = !['github.request', 'github.issue.search'].includes(type);
      const repository: JsonObject = isInRepository ? { repository: 'octocat/hello-world' } : {};
      return runNode(node(type), { credentialId: 'cr_1', ...repository, ...config }, given);
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

export function tokenCredential(apiUrl: string, token = 'ghp_canary0123456789'): AnyCredential {
  return { id: 'cr_1', type: 'github.token', data: { token, apiUrl }, allowedHosts: [] };
}
