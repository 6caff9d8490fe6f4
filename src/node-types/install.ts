import { availableParallelism } from 'node:os';
import { createCodeSandbox } from '#libs/code-sandbox';
import { CONNECTORS } from '#libs/connectors';
import type { Clock } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { builtInNodeTypes, LateMailRecords, LateMailTemplates, LateOpenApiOperations } from '#libs/nodes';
import { createOutboundHttp } from '#libs/outbound-http';
import { createOutboundMail } from '#libs/outbound-mail';
import type { DestinationLists } from '#libs/outbound-wall';
import { VERSION } from '../version.ts';
import type { InstalledNodeTypes } from './node-types.module.ts';

export interface InstallOptions {
  /** Where HTTP nodes may call. */
  readonly outbound: DestinationLists;
  readonly clock: Clock;
  /** Beside those that come with Millrace. */
  readonly nodeTypes?: readonly NodeType[];
}

/**
 * Code that runs at once. One core is left to the thread that does everything else; even so there are two at least, so
 * that code which runs into its time limit holds up half of the others' only.
 */
const CODE_THREADS = Math.max(2, availableParallelism() - 1);

/** The built-in node types and those of connectors, with their one HTTP client and their one sandbox. */
export function installNodeTypes({ outbound, clock, nodeTypes = [] }: InstallOptions): InstalledNodeTypes {
  const http = createOutboundHttp(outbound);
  const mail = createOutboundMail({ ...outbound, clock });
  const mailRecords = new LateMailRecords();
  const mailTemplates = new LateMailTemplates();
  const openApiOperations = new LateOpenApiOperations();
  const sandbox = createCodeSandbox({ threads: CODE_THREADS });
  const builtIn = builtInNodeTypes({
    ...{ http, mail, mailRecords, mailTemplates, openApiOperations, sandbox, clock },
    version: VERSION,
  });
  const ofConnectors = CONNECTORS.flatMap((connector) => connector.nodeTypes({ http, clock, version: VERSION }));
  return {
    nodeTypes: new Map([...builtIn, ...[...ofConnectors, ...nodeTypes].map((one) => [one.type, one] as const)]),
    http,
    mail,
    mailRecords,
    mailTemplates,
    openApiOperations,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([http, mail, sandbox].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
