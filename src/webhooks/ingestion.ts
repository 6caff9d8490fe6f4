import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MillraceError } from '#libs/kernel';
import { RouteTable, type Route } from '#libs/webhook-routes';
import { AcceptCall } from './accept-call.ts';

/** The most that any webhook may take; each has its own bound below. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

interface HookParams {
  Params: { token: string };
}
/** The part of a request that says which webhook it is for. */
type HookRequest = Pick<FastifyRequest<HookParams>, 'params' | 'headers'>;

const EMPTY = new Uint8Array(0);

/**
 * `/hooks/:token`, on Fastify directly: the body is kept as the bytes that came (signatures are over them) and its
 * bound is the webhook's own, neither of which a Nest controller can say for one route.
 */
@Injectable()
export class WebhookIngestion {
  constructor(
    private readonly routes: RouteTable,
    private readonly acceptCall: AcceptCall,
  ) {}

  register(server: FastifyInstance): void {
    server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
        done(null, body),
      );
      scope.route<HookParams>({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/hooks/:token',
        exposeHeadRoute: false,
        // Before the body is read: an unknown URL costs its sender and us nothing.
        onRequest: async (request) => void routeFor(this.routes, request),
        handler: (request, reply) => this.#accept(routeFor(this.routes, request), request, reply),
      });
    });
  }

  async #accept(route: Route, request: FastifyRequest<HookParams>, reply: FastifyReply): Promise<void> {
    const body = request.body instanceof Uint8Array ? request.body : EMPTY;
    ensureSize(body.length, route);
    const { method, url, headers, ip } = request;
    const executionId = await this.acceptCall.accept(route, { method, url, headers, ip, body });
    await reply.code(202).header('location', `/v1/executions/${executionId}`).send({ executionId });
  }
}

/** The route of a token, when it answers and the body announced is not too large for it. */
function routeFor(routes: RouteTable, { params, headers }: HookRequest): Route {
  const route = routes.find(params.token);
  if (!route) throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', 'no active webhook answers at this URL');
  ensureSize(Number(headers['content-length'] ?? 0), route);
  return route;
}

function ensureSize(bytes: number, { maxBodyBytes }: Route): void {
  if (bytes <= maxBodyBytes) return;
  throw new MillraceError('tooLarge', 'BODY_TOO_LARGE', `this webhook takes bodies of up to ${maxBodyBytes} bytes`);
}
