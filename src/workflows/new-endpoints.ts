import { Inject, Injectable } from '@nestjs/common';
import type { IdSource } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { Endpoint, WorkflowDefinition } from '#libs/workflow-definition';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { endpointKindOf, type EndpointKind } from './endpoints-of.ts';

/** 144 bits: a webhook's URL can't be guessed, nor can an address. */
const TOKEN_BYTES = 18;

/** Endpoints for the nodes that outsiders reach. */
@Injectable()
export class NewEndpoints {
  constructor(
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  /** Of nodes that have one already the new one is left out when the version is published. */
  for({ nodes }: WorkflowDefinition): Endpoint[] {
    return nodes.flatMap(({ id: nodeId, type }) => {
      const kind = endpointKindOf(this.nodeTypes, type);
      return kind ? [{ webhookId: this.ids.newId('webhook'), nodeId, token: this.tokenFor(kind) }] : [];
    });
  }

  /** Mail servers may change the case of an address, so its token is one in hex. */
  tokenFor(kind: EndpointKind): string {
    const token = this.ids.newToken(TOKEN_BYTES);
    return kind === 'address' ? Buffer.from(token, 'base64url').toString('hex') : token;
  }
}
