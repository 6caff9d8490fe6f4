import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { accessOf } from '../access/access.decorators.ts';
import { networkOf } from '../http/caller-network.ts';
import type { Fingerprint, Fingerprints } from './fingerprints.ts';

/** What of a request makes it the same as another. The table tells neither keys nor addresses nor bodies. */
export interface KeyedRequest {
  /** A digest of the key, and of what it is a key of: the caller, and the route with its parameters. */
  readonly id: string;
  /** Of what is asked: method, path with query, and the body as JSON. Headers take no part. */
  readonly fingerprint: Fingerprint;
}

export function keyedRequestOf(request: FastifyRequest, key: string, fingerprints: Fingerprints): KeyedRequest {
  const { method, url, params, routeOptions, body } = request;
  return {
    id: digestOf([callerOf(request), method, routeOptions.url, params, key]),
    fingerprint: fingerprints.of([method, url, body]),
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
