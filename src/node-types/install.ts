import type { Clock } from '#libs/kernel';
import { builtInNodeTypes } from '#libs/nodes';
import { createOutboundHttp } from '#libs/outbound-http';
import { VERSION } from '../version.ts';
import type { InstalledNodeTypes } from './node-types.module.ts';

export interface InstallOptions {
  /** Lets HTTP nodes reach loopback, private and link-local addresses. */
  readonly allowPrivateNetwork: boolean;
  readonly clock: Clock;
}

/** The built-in node types with their one HTTP client. */
export function installNodeTypes({ allowPrivateNetwork, clock }: InstallOptions): InstalledNodeTypes {
  const http = createOutboundHttp({ allowPrivateNetwork });
  return {
    nodeTypes: builtInNodeTypes({ http, clock, version: VERSION }),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}
