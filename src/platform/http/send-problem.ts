import type { FastifyReply } from 'fastify';
import type { Logger } from '../logging/logger.ts';
import { sendProblemPage, wantsPage } from './page-for-people.ts';
import { problemOf } from './problem.ts';

/** What a handler may have set on the answer that it then did not give. */
const OF_SUCCESS = ['etag', 'location', 'preference-applied'];

/** Answers with the problem that `thrown` is, and logs what is not the caller's doing. */
export function sendProblem(reply: FastifyReply, thrown: unknown, logger: Logger): void {
  const problem = problemOf(thrown);
  const requestId = reply.request.id;
  const where = { requestId, method: reply.request.method, route: reply.request.routeOptions.url, error: thrown };
  if (problem.status === 500) logger.error(where, 'a request failed');
  else if (problem.status === 503) logger.warn(where, 'a request was turned away');
  if (reply.sent || reply.raw.headersSent) {
    // The answer is under way: the caller can only be told by its end.
    reply.raw.destroy();
    return;
  }
  const body =
    problem.status >= 500 ? { ...problem.body, instance: `urn:millrace:request:${requestId}` } : problem.body;
  for (const name of OF_SUCCESS) reply.removeHeader(name);
  reply.status(problem.status).headers(problem.headers);
  if (wantsPage(reply.request)) void sendProblemPage(reply, problem.body);
  else void reply.send(JSON.stringify(body));
}
