import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MillraceError } from '#libs/kernel';
import { bodyLimitIn } from './body-limit.ts';
import { answerUnmetExpectation } from './broken-requests.ts';
import { parseJsonOnly } from './json-bodies.ts';
import { NO_SUCH_ROUTE } from './known-errors.ts';
import { KnownRoutes } from './known-routes.ts';
import { sendProblem } from './send-problem.ts';
import { serverOptions, type EdgeParts } from './server-options.ts';

/**
 * Fastify as this product wants it: every error of its own, of Nest and of routes registered directly on it leaves by
 * `sendProblem`; JSON alone is parsed, to a bounded depth; nothing is logged per request.
 */
export class EdgeAdapter extends FastifyAdapter {
  private draining = false;
  private readonly known = new KnownRoutes();

  constructor(parts: EdgeParts) {
    super(serverOptions(parts));
    const { log, securityHeaders } = parts;
    const instance = this.getInstance<FastifyInstance>();
    parseJsonOnly(instance);
    instance.server.on('checkExpectation', answerUnmetExpectation(securityHeaders));
    instance.addHook('onRequest', (_request, reply, done) => {
      reply.headers(securityHeaders);
      done();
    });
    this.refuseEarly(instance);
    this.closeBehindLastAnswers(instance);
    instance.setErrorHandler((error, { raw }, reply) => sendProblem(reply, raw.errored === error ? GONE : error, log));
    instance.setNotFoundHandler((request, reply) => sendProblem(reply, noRouteError(request, this.known), log));
  }

  /** Nest calls it first of all when the application closes. */
  override beforeClose(): void {
    this.draining = true;
    super.beforeClose();
  }

  /** Nest's own would take the place of the one above, and knows only routes of Nest. */
  override setErrorHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>();
  }

  override setNotFoundHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>();
  }

  /** Before a body is read: what has no route, names no host, and what comes while the process ends. */
  private refuseEarly(instance: FastifyInstance): void {
    instance.addHook('onRoute', (route) => {
      this.known.add([route.method].flat(), route.url);
      const limit = bodyLimitIn(route.config);
      if (limit !== undefined) route.bodyLimit = limit;
    });
    instance.addHook('preParsing', (request, _reply, _payload, done) => {
      if (this.draining) done(DRAINING);
      else if (request.is404) done(noRouteError(request, this.known));
      else if (lacksHost(request)) done(new MillraceError('malformed', 'MALFORMED_REQUEST', 'send a Host header'));
      else done();
    });
  }

  /** Connections that are idle when the listener closes are closed with it; one that is answered later would stay. */
  private closeBehindLastAnswers(instance: FastifyInstance): void {
    instance.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.draining) reply.header('connection', 'close');
      done();
    });
  }
}

/** The body broke off with its connection: nobody reads this, but it is no fault of ours. */
const GONE = new MillraceError('malformed', 'INCOMPLETE_BODY', 'the body did not arrive to its end');

const DRAINING = new MillraceError('unavailable', 'SHUTTING_DOWN', 'this process is ending; try again');

function noRouteError(request: FastifyRequest, known: KnownRoutes): MillraceError {
  const allow = known.methodsOf(request.url.split('?', 1)[0] ?? '');
  return allow.length === 0
    ? new MillraceError('notFound', 'ROUTE_NOT_FOUND', NO_SUCH_ROUTE)
    : new MillraceError('methodNotAllowed', 'METHOD_NOT_ALLOWED', `this route answers to ${allow.join(', ')}`, {
        allow,
      });
}

/** HTTP/1.1 asks for one (RFC 9112, 3.2). */
function lacksHost({ raw }: FastifyRequest): boolean {
  return raw.headers.host === undefined && raw.httpVersion === '1.1';
}
