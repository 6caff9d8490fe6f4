import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CorsOrigins } from '../../config/config.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** What the API reads beside the few that browsers always let pass. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
];
const ANSWER_HEADERS = [
  'Allow',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
];
/** The longest that any browser keeps the answer to a preflight. */
const PREFLIGHT_KEPT_SECONDS = 7_200;

/**
 * Lets pages of these origins read the API. Without credentials mode: tokens travel in `Authorization`, there are no
 * cookies. Webhooks are for servers and take no part, and a plain OPTIONS, which is no preflight, is a method like others.
 */
export async function allowOrigins(instance: FastifyInstance, origins: CorsOrigins): Promise<void> {
  if (origins.length === 0) return;
  const allowed = {
    origin: origins === '*' ? '*' : [...origins],
    methods: METHODS,
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_KEPT_SECONDS,
  };
  await instance.register(cors, {
    delegator: (request, done) => done(null, takesPart(request) ? allowed : { origin: false }),
  });
}

function takesPart({ method, url, headers }: FastifyRequest): boolean {
  if (url.startsWith('/hooks/')) return false;
  return method !== 'OPTIONS' || (headers.origin !== undefined && 'access-control-request-method' in headers);
}
