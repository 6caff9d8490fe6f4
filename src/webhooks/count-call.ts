import type { FastifyReply } from 'fastify';
import { MillraceError } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import type { CallRates } from './call-rates.ts';

/** Counts a call that may be taken, and tells its sender how many more may come. Throws `TOO_MANY_CALLS`. */
export function countCall(rates: CallRates, { webhookId, rateLimit }: Route, reply: FastifyReply): void {
  if (!rateLimit) return;
  const { limit, perMs } = rateLimit;
  const { allowed, remaining, resetMs } = rates.take(webhookId, rateLimit);
  reply.header('ratelimit-policy', `"webhook";q=${limit};w=${Math.ceil(perMs / 1000)}`);
  reply.header('ratelimit', `"webhook";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
  if (allowed) return;
  const message = `this webhook takes ${limit} calls in ${perMs} ms: the RateLimit headers say when it takes more`;
  throw new MillraceError('tooManyRequests', 'TOO_MANY_CALLS', message, { retryAfterMs: resetMs });
}
