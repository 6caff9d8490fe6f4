import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { accessOf } from '../access/access.decorators.ts';
import { networkOf } from '../http/caller-network.ts';

/** What of a request makes it the same as another. Digests: the table tells neither keys nor addresses nor bodies. */
export interface KeyedRequest {
  /** Of the key, and of what it is a key of: the caller, and the route with its parameters. */
  readonly id: string;
  /** Of what is asked: method, path with query, and the body as JSON. Headers take no part. */
  readonly fingerprint: string;
}

export function keyedRequestOf(request: FastifyRequest, key: string): KeyedRequest {
  const { method, url, params, routeOptions, body } = request;
  return {
    id: digestOf([callerOf(request), method, routeOptions.url, params, key]),
    fingerprint: digestOf([method, url, body]),
  };
}

/** Keys of different callers never meet. Who has no account yet is told apart by the network. */
function callerOf(request: FastifyRequest): unknown {
  const access = accessOf(request);
  return access ? [access.workspaceId, access.actor.type, access.actor.id] : [networkOf(request.ip)];
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
