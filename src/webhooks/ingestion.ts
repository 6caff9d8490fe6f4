import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { InvariantError } from '#libs/kernel';
import { isSourceRoute, RouteTable, type Route } from '#libs/webhook-routes';
import { AnswerCall } from './answer-call.ts';
import { CallRates } from './call-rates.ts';
import { routeFor, webhookAt, type HookParams } from './hook-door.ts';
import type { HookAnswer } from './hook-answer.ts';
import { countCall } from './count-call.ts';
import { readBody } from './read-body.ts';
import { RecordCall } from './record-call.ts';
import { isSlackSslCheck, slackChallengeOf } from './slack-calls.ts';
import { VerifyCall } from './verify-call.ts';

/** The most that any webhook may take; each has its own bound below. GitHub sends up to 25 MB. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;
const EMPTY = new Uint8Array(0);
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/**
 * `/hooks/:token`, on Fastify directly: the body is kept as the bytes that came (signatures are over them) and its
 * bound is the webhook's own, neither of which a Nest controller can say for one route.
 */
@Injectable()
export class WebhookIngestion {
  /** By requests under way: one call has one route from its first byte to its answer, whatever becomes of the table. */
  readonly #under = new WeakMap<IncomingMessage, Route>();

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
      scope.addContentTypeParser(
        '*',
        { bodyLimit: MAX_BODY_BYTES },
        (request: FastifyRequest, payload: IncomingMessage) => readBody(payload, this.#routeOf(request)),
      );
      scope.route<HookParams>({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/hooks/:token',
        exposeHeadRoute: false,
        // Before the body is read: who calls in vain costs its sender and us nothing.
        onRequest: async (request) => void this.#under.set(request.raw, routeFor(this.routes, request)),
        // Whoever refused it: we, Fastify before us, or the parser amid the body.
        onError: async (request, _reply, error) => this.#recordRefused(request, error),
        handler: (request, reply) => this.#take(this.#routeOf(request), request, reply),
      });
    });
  }

  #routeOf({ raw }: Pick<FastifyRequest, 'raw'>): Route {
    const route = this.#under.get(raw);
    if (!route) throw new InvariantError('a call that nobody let in');
    return route;
  }

  async #take(route: Route, request: FastifyRequest<HookParams>, reply: FastifyReply): Promise<void> {
    const body = request.body instanceof Uint8Array ? request.body : EMPTY;
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
    if (isSlackSslCheck(route, { headers, body })) return this.#told(route, request, '');
    await this.verifyCall.check(route, { headers, body });
    // A trigger of Slack's own says itself what Slack is told.
    const challenge = isSourceRoute(route) ? undefined : slackChallengeOf(route, body);
    if (challenge !== undefined) return this.#told(route, request, challenge);
    countCall(this.rates, route, reply);
    const answer = await this.answerCall.answer(route, { method, url, headers, ip, body }, goneSignalOf(reply));
    if (answer?.startedNothing)
      this.recordCall.answered(route, request, { status: answer.status, ...answer.startedNothing });
    return answer;
  }

  #told(route: Route, request: FastifyRequest, body: string): HookAnswer {
    this.recordCall.answered(route, request, { status: 200, reason: null });
    return { status: 200, headers: TEXT, body };
  }

  /** Also what the door refused. At an unknown URL there is no webhook that was called. */
  #recordRefused(request: FastifyRequest<HookParams>, thrown: unknown): void {
    const route = this.#under.get(request.raw) ?? webhookAt(this.routes, request.params.token);
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
