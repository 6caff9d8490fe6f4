import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RouteTable, type Route } from '#libs/webhook-routes';
import { AnswerCall } from './answer-call.ts';
import { CallRates } from './call-rates.ts';
import { ensureSize, routeFor, type HookParams } from './hook-door.ts';
import type { HookAnswer } from './hook-answer.ts';
import { countCall } from './count-call.ts';
import { RecordCall } from './record-call.ts';
import { isSlackSslCheck, slackChallengeOf } from './slack-calls.ts';
import { VerifyCall } from './verify-call.ts';

/** The most that any webhook may take; each has its own bound below. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const EMPTY = new Uint8Array(0);
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/**
 * `/hooks/:token`, on Fastify directly: the body is kept as the bytes that came (signatures are over them) and its
 * bound is the webhook's own, neither of which a Nest controller can say for one route.
 */
@Injectable()
export class WebhookIngestion {
  constructor(
    private readonly routes: RouteTable,
    private readonly verifyCall: VerifyCall,
    private readonly rates: CallRates,
    private readonly answerCall: AnswerCall,
    private readonly recordCall: RecordCall,
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
        // Before the body is read: who calls in vain costs its sender and us nothing.
        onRequest: async (request) => void routeFor(this.routes, request),
        // Whoever refused it: we, Fastify before us, or the parser amid the body.
        onError: async (request, _reply, error) => this.#recordRefused(request, error),
        handler: (request, reply) => this.#take(routeFor(this.routes, request), request, reply),
      });
    });
  }

  async #take(route: Route, request: FastifyRequest<HookParams>, reply: FastifyReply): Promise<void> {
    const body = request.body instanceof Uint8Array ? request.body : EMPTY;
    ensureSize(body.length, route);
    const answer = await this.#answer(route, { request, reply, body });
    // The caller has gone: there is nobody to answer.
    if (!answer) reply.hijack();
    else await reply.code(answer.status).headers(answer.headers).send(answer.body);
  }

  async #answer(
    route: Route,
    { request, reply, body }: { request: FastifyRequest; reply: FastifyReply; body: Uint8Array },
  ): Promise<HookAnswer | undefined> {
    const { method, url, headers, ip } = request;
    if (isSlackSslCheck(route, body)) return this.#told(route, request, '');
    await this.verifyCall.check(route, { headers, body });
    const challenge = slackChallengeOf(route, body);
    if (challenge !== undefined) return this.#told(route, request, challenge);
    countCall(this.rates, route, reply);
    return this.answerCall.answer(route, { method, url, headers, ip, body }, goneSignalOf(reply));
  }

  #told(route: Route, request: FastifyRequest, body: string): HookAnswer {
    this.recordCall.answered(route, request, 200);
    return { status: 200, headers: TEXT, body };
  }

  /** At an unknown URL there is no webhook that was called. */
  #recordRefused(request: FastifyRequest<HookParams>, thrown: unknown): void {
    const route = this.routes.find(request.params.token);
    if (route) this.recordCall.refused(route, request, thrown);
  }
}

/** Aborts when the connection is closed before the answer was sent. */
function goneSignalOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableEnded) gone.abort();
  });
  return gone.signal;
}
