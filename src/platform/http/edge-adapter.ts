import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { isDeeperThan, MAX_JSON_DEPTH, MillraceError } from '#libs/kernel';
import type { Logger } from '../logging/logger.ts';
import { KnownRoutes } from './known-routes.ts';
import { problemOf } from './problem.ts';
import { sendProblem } from './send-problem.ts';

/** Workflow definitions may have 1 MiB; the room above lets their own check name the limit. */
const BODY_LIMIT = 2 * 1024 * 1024;

function serverOptions(log: Logger): FastifyServerOptions & { skipMiddie: boolean } {
  return {
    logger: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: false,
    // Longer than the minute for which load balancers keep theirs, so that they never use one we just closed.
    keepAliveTimeout: 75_000,
    // For the request to arrive; an answer may take as long as it likes.
    requestTimeout: 60_000,
    genReqId: requestIds(),
    // EdgeAdapter answers instead, with a problem.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, _request, reply) => sendProblem(reply, error, log),
    clientErrorHandler: answerBrokenRequest,
    // Guards decide, never middleware: its paths match otherwise than the router's.
    skipMiddie: true,
  };
}

/**
 * Fastify as this product wants it: every error of its own, of Nest and of routes registered directly on it leaves by
 * `sendProblem`; JSON alone is parsed, to a bounded depth; nothing is logged per request.
 */
export class EdgeAdapter extends FastifyAdapter {
  private draining = false;
  private readonly known = new KnownRoutes();

  constructor(log: Logger) {
    super(serverOptions(log));
    const instance = this.getInstance<FastifyInstance>();
    parseJsonOnly(instance);
    this.refuseEarly(instance);
    instance.setErrorHandler((error, _request, reply) => sendProblem(reply, error, log));
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

  /** Before a body is read: what has no route, and what comes while the process ends. */
  private refuseEarly(instance: FastifyInstance): void {
    instance.addHook('onRoute', ({ method, url }) => this.known.add([method].flat(), url));
    instance.addHook('preParsing', (request, reply, _payload, done) => {
      if (this.draining) done(drainingError(reply));
      else if (request.is404) done(noRouteError(request, this.known));
      else done();
    });
  }
}

function drainingError(reply: FastifyReply): MillraceError {
  reply.header('connection', 'close');
  return new MillraceError('unavailable', 'SHUTTING_DOWN', 'this process is ending; try again');
}

function noRouteError(request: FastifyRequest, known: KnownRoutes): MillraceError {
  const allow = known.methodsOf(request.url.split('?', 1)[0] ?? '');
  return allow.length === 0
    ? new MillraceError('notFound', 'ROUTE_NOT_FOUND', 'there is no such route')
    : new MillraceError('methodNotAllowed', 'METHOD_NOT_ALLOWED', `this route answers to ${allow.join(', ')}`, {
        allow,
      });
}

function parseJsonOnly(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Clients that put the type on every request send it with bodies that are not there.
    if (text.length === 0) return done(null, undefined);
    // Returns nothing: the default parser of Fastify is synchronous and answers by the callback.
    void parseJson(request, text, (error, value?: unknown) => {
      if (!error && isDeeperThan(value, MAX_JSON_DEPTH))
        done(new MillraceError('malformed', 'JSON_TOO_DEEP', `JSON may nest ${MAX_JSON_DEPTH} levels deep`));
      else done(error, value);
    });
  });
}

/** Short, never repeated by another process, and cheap: a random part for the process, a number for the request. */
function requestIds(): () => string {
  const processPart = randomBytes(6).toString('base64url');
  let count = 0;
  return () => `${processPart}-${(count++).toString(36)}`;
}

const NOT_HTTP = new MillraceError('malformed', 'MALFORMED_REQUEST', 'this is not a valid HTTP request');

/** What node's parser refused: there is no request and no reply yet, only a socket. */
function answerBrokenRequest(_error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const { status, body } = problemOf(NOT_HTTP);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${body.title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
