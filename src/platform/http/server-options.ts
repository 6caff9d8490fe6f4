import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import type { Logger } from '../logging/logger.ts';
import { answerBrokenRequest } from './broken-requests.ts';
import { sendProblem } from './send-problem.ts';

/** Workflow definitions may have 1 MiB; the room above lets their own check name the limit. */
const BODY_LIMIT = 2 * 1024 * 1024;

export interface EdgeParts {
  readonly log: Logger;
  /** Of every answer. */
  readonly securityHeaders: Readonly<Record<string, string>>;
  /** Whose `X-Forwarded-For` is believed; of others the connection's own address is the caller's. */
  readonly trustedProxies: readonly string[];
}

export function serverOptions({ log, securityHeaders, trustedProxies }: EdgeParts) {
  return {
    logger: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Longer than the minute for which load balancers keep theirs, so that they never use one we just closed.
    keepAliveTimeout: 75_000,
    // For the request to arrive; an answer may take as long as it likes.
    requestTimeout: 60_000,
    genReqId: requestIds(),
    // EdgeAdapter answers instead, with a problem; so also where a request names no host.
    return503OnClosing: false,
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: 256 },
    // No hook runs for these.
    frameworkErrors: (error, _request, reply) => sendProblem(reply.headers(securityHeaders), error, log),
    clientErrorHandler: answerBrokenRequest(securityHeaders),
    // Guards decide, never middleware: its paths match otherwise than the router's.
    skipMiddie: true,
  } satisfies FastifyHttpOptions<Server> & { skipMiddie: boolean };
}

/** Short, never repeated by another process, and cheap: a random part for the process, a number for the request. */
function requestIds(): () => string {
  const processPart = randomBytes(6).toString('base64url');
  let count = 0;
  return () => `${processPart}-${(count++).toString(36)}`;
}
