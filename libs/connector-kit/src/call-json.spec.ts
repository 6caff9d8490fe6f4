import { createOutboundHttp } from '#libs/outbound-http';
import { startServer } from '#libs/outbound-http/testing';
import { callJson, textIn, type JsonCall, type ServiceFailures } from './index.ts';

const FAILURES: ServiceFailures = {
  service: 'Acme',
  codes: { 401: 'ACME_UNAUTHENTICATED', 404: 'ACME_NOT_FOUND', 429: 'ACME_RATE_LIMITED', 503: 'ACME_AWAY' },
  refused: 'ACME_REFUSED',
  failed: 'ACME_FAILED',
  messageIn: (data) => textIn(data, 'message'),
};

const limitedFor = (retryAfterMs: number) => ({ retryable: true, retryAfterMs, rateLimited: true });

describe('a call of JSON over HTTP', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const parts = { http, clock: { nowMs: () => Date.UTC(2026, 10, 23) }, version: '1.0.0' };
  const secret = { headers: { authorization: 'Bearer canary' }, mayBeSentTo: (host: string) => host === '127.0.0.1' };
  afterAll(() => http[Symbol.asyncDispose]());

  function call(given: Pick<JsonCall, 'url'> & Partial<JsonCall>) {
    return callJson({ method: 'GET', secret, signal: new AbortController().signal, ...given }, parts, FAILURES);
  }

  it('sends query, JSON and secret, and gives the answer', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(201, { 'content-type': 'application/json', etag: '"1"' }).end('{"id":7}');
    });
    const query = { q: 'a b', page: 2, all: undefined };
    const answer = await call({ method: 'POST', url: `${server.url}/items?x=1`, query, json: { name: 'n' } });
    expect(answer).toMatchObject({ status: 201, data: { id: 7 }, headers: { etag: '"1"' } });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/items?x=1&q=a+b&page=2',
        body: '{"name":"n"}',
        headers: {
          authorization: 'Bearer canary',
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'Millrace/1.0.0',
        },
      },
    ]);
  });

  it('gives null for no body', async () => {
    await using server = await startServer((_, response) => void response.writeHead(204).end());
    expect(await call({ method: 'DELETE', url: server.url })).toMatchObject({ status: 204, data: null });
  });

  it.each([
    [401, {}, '{"message":"who?"}', { code: 'ACME_UNAUTHENTICATED', message: 'Acme answered 401: who?' }, false],
    [404, {}, 'no such page', { code: 'ACME_NOT_FOUND', message: 'Acme answered 404' }, false],
    [418, {}, '', { code: 'ACME_REFUSED' }, false],
    [302, { location: 'http://127.0.0.1:9/' }, '', { code: 'ACME_REFUSED' }, false],
    [429, { 'retry-after': '7' }, '', { code: 'ACME_RATE_LIMITED', options: limitedFor(7_000) }, true],
    [429, {}, '', { code: 'ACME_RATE_LIMITED', options: limitedFor(60_000) }, true],
    [503, { 'retry-after': '7' }, '', { code: 'ACME_AWAY', options: { retryAfterMs: 7_000 } }, true],
    [500, {}, '', { code: 'ACME_FAILED' }, true],
  ])('%i %j is a failure by the table', async (...[status, headers, body, error, retryable]) => {
    await using server = await startServer((_, response) => void response.writeHead(status, headers).end(body));
    const destination = retryable ? 'failed' : 'answered';
    const failing = call({ method: 'POST', url: server.url, json: null });
    await expect(failing).rejects.toMatchObject({ name: 'NodeError', ...error });
    await expect(failing).rejects.toMatchObject({ options: { retryable, destination, details: { status } } });
  });

  it.each([
    ['POST', { retryable: false, inDoubt: true }],
    ['PUT', { retryable: true }],
  ] as const)('an answer to %s that was lost, or a gateway that gave up, leaves %j', async (method, options) => {
    await using cut = await startServer((_, response) => void response.destroy());
    await expect(call({ method, url: cut.url })).rejects.toMatchObject({ code: 'HTTP_DISCONNECTED', options });
    await using gateway = await startServer((_, response) => void response.writeHead(504).end());
    await expect(call({ method, url: gateway.url })).rejects.toMatchObject({ code: 'ACME_FAILED', options });
  });

  it.each(['{"id":', 'hello', '['.repeat(100) + ']'.repeat(100)])('%s is no answer', async (body) => {
    await using server = await startServer((_, response) => void response.end(body));
    const error = { code: 'HTTP_INVALID_RESPONSE', options: { retryable: false } };
    await expect(call({ url: server.url })).rejects.toMatchObject(error);
  });

  it('sends nothing for an attempt that is over, and is in no doubt', async () => {
    await using server = await startServer((_, response) => void response.end('{}'));
    const failing = call({ method: 'POST', url: server.url, signal: AbortSignal.abort() });
    await expect(failing).rejects.toMatchObject({ code: 'HTTP_ABORTED', options: { retryable: true } });
    await expect(failing).rejects.not.toHaveProperty('options.inDoubt');
    expect(server.requests).toEqual([]);
  });

  it('ends with its signal, and hangs up', async () => {
    const stop = new AbortController();
    await using server = await startServer(() => stop.abort(new DOMException('late', 'TimeoutError')));
    const hungUp = server.nextHangUp();
    await expect(call({ url: server.url, signal: stop.signal })).rejects.toMatchObject({ code: 'HTTP_TIMEOUT' });
    await hungUp;
  });

  it('takes the secret nowhere else', async () => {
    await using server = await startServer((_, response) => void response.end('{}'));
    const failing = call({ url: server.url.replace('127.0.0.1', 'localhost') });
    await expect(failing).rejects.toMatchObject({ code: 'CREDENTIAL_HOST_NOT_ALLOWED' });
    expect(server.requests).toEqual([]);
  });
});
