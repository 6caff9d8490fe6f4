import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MillraceError } from '#libs/kernel';
import type { Rate } from '../../config/config.ts';
import type { Access } from '../access/authenticator.ts';
import { networkOf } from '../http/caller-network.ts';
import { FixedWindows } from './fixed-windows.ts';

/** Webhooks have limits of their own, and what watches the process must always see it. */
const FREE = ['/hooks/', '/health/', '/metrics'];

/**
 * Keeps one caller from taking a whole process. Hence it is counted per process, in memory, and a caller of several
 * processes has the rate at each. A caller is the user or key that a token proves, in its workspace; a request that
 * proves nothing counts for the network it comes from, so that false tokens make no new callers.
 */
export class ApiRateLimit {
  readonly #windows: FixedWindows | undefined;
  readonly #policy: string;

  constructor(rate: Rate | undefined, nowMs: () => number) {
    this.#windows = rate && new FixedWindows(rate, nowMs);
    this.#policy = rate ? `"default";q=${rate.requests};w=${rate.windowSeconds}` : '';
  }

  /** Counts what shows no token, before its body is read. What does show one is counted by the guard. */
  countEarly(instance: FastifyInstance): void {
    if (!this.#windows) return;
    instance.addHook('onRequest', (request, reply, done) => {
      try {
        if (request.is404 || request.headers.authorization === undefined) this.#countNetwork(request, reply);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }

  /** Throws `TOO_MANY_REQUESTS`. */
  countCaller(request: FastifyRequest, reply: FastifyReply, { actor, workspaceId }: Access): void {
    this.#count(request, reply, `${workspaceId} ${actor.type} ${actor.id}`);
  }

  /** Of a request that shows a token where none is asked for, or one that opens nothing. Throws `TOO_MANY_REQUESTS`. */
  countStranger(request: FastifyRequest, reply: FastifyReply): void {
    if (request.headers.authorization !== undefined) this.#countNetwork(request, reply);
  }

  /**
   * Before it costs a read to find out whose a token is: what shows it comes from a network that has used up its rate
   * by what proved nothing. Throws `TOO_MANY_REQUESTS`, and counts nothing.
   */
  refuseUsedUp(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#windows?.isUsedUp(networkOf(request.ip))) this.#countNetwork(request, reply);
  }

  #countNetwork(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#windows) this.#count(request, reply, networkOf(request.ip));
  }

  #count(request: FastifyRequest, reply: FastifyReply, caller: string): void {
    if (!this.#windows || !isLimited(request.routeOptions.url)) return;
    const { allowed, remaining, resetMs } = this.#windows.take(caller);
    reply.header('ratelimit-policy', this.#policy);
    reply.header('ratelimit', `"default";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
    if (allowed) return;
    throw new MillraceError('tooManyRequests', 'TOO_MANY_REQUESTS', 'slow down: the RateLimit headers say how much', {
      retryAfterMs: resetMs,
    });
  }
}

/** Whether the limit counts requests to this route, or to none that is known. */
export function isLimited(route: string | undefined): boolean {
  return route === undefined || !FREE.some((start) => route.startsWith(start));
}
