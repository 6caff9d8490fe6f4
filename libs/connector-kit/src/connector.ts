import { isHostAllowed, type CredentialTypeDefinition } from '#libs/credential-types';
import type { Clock } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import type { OutboundHttp } from '#libs/outbound-http';

/** What Millrace knows of a service: how to sign in to it, what starts executions there, what can be done there. */
export interface Connector {
  /** Its folder in `libs/connectors`, and what its types begin with: letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the service's documentation of its API. */
  readonly documentation: string;
  /** Of its own; `oauth2` and the `http.*` types are there anyway. */
  readonly credentialTypes: readonly CredentialTypeDefinition[];
  /** Triggers and actions, in the order in which people should see them. */
  nodeTypes(parts: ConnectorParts): readonly NodeType[];
}

export interface ConnectorParts {
  /** The only way out: it knows where the installation may call. */
  readonly http: OutboundHttp;
  readonly clock: Clock;
  /** Of Millrace, for the User-Agent header. */
  readonly version: string;
}

/** Whether a credential may go to a host: to those that it is bound to, or else to those of its service. */
export function isOfHost(hosts: readonly string[], allowedHosts: readonly string[]): (host: string) => boolean {
  const named = allowedHosts.length > 0 ? allowedHosts : hosts;
  return (host) => named.length > 0 && isHostAllowed(host, named);
}
