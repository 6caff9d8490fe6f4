import type { RequestListener } from 'node:http';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { checkedBy, refusedBy, runNode } from '../testing/run-nodes.ts';
import { httpRequestNode } from './http-request.ts';

describe('http.request', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const node = httpRequestNode({ http, clock: { nowMs: () => Date.parse('2026-11-23T10:00:00Z') }, version: '1.2.3' });
  let server: TestServer | undefined;

  afterEach(() => server?.[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  async function serve(answer: RequestListener = (_request, response) => response.end()): Promise<TestServer> {
    server = await startServer(answer);
    return server;
  }
  const answering = (status: number, headers: Record<string, string | string[]>, body?: string | Buffer) =>
    serve((_request, response) => response.writeHead(status, headers).end(body));
  const call = (config: JsonObject, signal?: AbortSignal): Promise<JsonValue> =>
    runNode(node, { method: 'GET', ...config }, signal ? { signal } : {});

  describe('the request', () => {
    it('says who calls, and what it takes', async () => {
      const { url, requests } = await serve();
      await call({ url });
      await call({ url, response: 'json', headers: { 'User-Agent': 'mine' } });
      expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'Millrace/1.2.3', accept: '*/*' });
      expect(requests[0]?.headers).not.toHaveProperty('content-type');
      expect(requests[1]?.headers).toMatchObject({ 'user-agent': 'mine', accept: 'application/json' });
    });

    it('bears the key of the attempt, unless it has one of its own or is to have none', async () => {
      const { url, requests } = await serve();
      await call({ url });
      await call({ method: 'POST', url, headers: { 'Idempotency-KEY': 'mine' } });
      await call({ method: 'POST', url, idempotencyKey: false });
      await call({ method: 'POST', url, idempotencyKey: false, headers: { 'Idempotency-Key': 'mine' } });
      expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'mine', undefined, 'mine']);
      expect(refusedBy(node, { method: 'GET', url, idempotencyKey: 'mine' })).toEqual(['idempotencyKey']);
    });

    it('adds the query to what the URL has', async () => {
      const { url, requests } = await serve();
      await call({ url: `${url}/p?a=1`, query: { b: 'x y&z', c: [1, true, null], d: null, e: 'ü' } });
      expect(requests[0]?.path).toBe('/p?a=1&b=x+y%26z&c=1&c=true&e=%C3%BC');
    });

    it('writes header values as text and leaves null out', async () => {
      const { url, requests } = await serve();
      await call({ url, headers: { 'X-Text': 'a', 'X-Number': 5, 'X-Yes': true, 'X-None': null } });
      expect(requests[0]?.headers).toMatchObject({ 'x-text': 'a', 'x-number': '5', 'x-yes': 'true' });
      expect(requests[0]?.headers).not.toHaveProperty('x-none');
    });

    it.each<[JsonObject, string, string]>([
      [{ json: { a: 'ü' } }, '{"a":"ü"}', 'application/json'],
      [{ json: null }, 'null', 'application/json'],
      [{ json: [] }, '[]', 'application/json'],
      [{ form: { a: 'x y', b: [1, 2], c: null } }, 'a=x+y&b=1&b=2', 'application/x-www-form-urlencoded'],
      [{ text: 'ü' }, 'ü', 'text/plain; charset=utf-8'],
      [{ text: '{}', headers: { 'Content-Type': 'application/json' } }, '{}', 'application/json'],
    ])('sends %j', async (config, body, contentType) => {
      const { url, requests } = await serve();
      await call({ method: 'POST', url, ...config });
      expect(requests[0]).toMatchObject({ method: 'POST', body });
      expect(requests[0]?.headers['content-type']).toBe(contentType);
    });
  });

  describe('the output', () => {
    it('holds status, headers and body', async () => {
      const { url } = await answering(
        201,
        { 'Content-Type': 'application/json', 'X-Id': '7', 'Set-Cookie': 'a=1; Path=/' },
        '{"a":1}',
      );
      expect(await call({ url })).toMatchObject({
        status: 201,
        headers: { 'content-type': 'application/json', 'x-id': '7', 'set-cookie': ['a=1; Path=/'] },
        body: { a: 1 },
      });
    });

    it('joins a header that came several times, all but set-cookie', async () => {
      const { url } = await answering(200, { 'X-Many': ['a', 'b'], 'Set-Cookie': ['a=1', 'b=2'] });
      expect(await call({ url })).toMatchObject({
        headers: { 'x-many': 'a, b', 'set-cookie': ['a=1', 'b=2'] },
        body: null,
      });
    });

    it.each([204, 304])('has no body for %i', async (status) => {
      const { url } = await answering(status, {});
      expect(await call({ url, expect: [status] })).toMatchObject({ status, body: null });
    });

    it('has no body for HEAD, whatever its headers say', async () => {
      const { url } = await answering(200, {
        'Content-Type': 'application/json',
        'Content-Length': '500',
        'Content-Encoding': 'gzip',
      });
      expect(await call({ method: 'HEAD', url, response: 'json' })).toMatchObject({ status: 200, body: null });
    });
  });

  describe('a status', () => {
    it.each([
      [400, false, 'answered'],
      [401, false, 'answered'],
      [404, false, 'answered'],
      [408, true, 'answered'],
      [409, false, 'answered'],
      [422, false, 'answered'],
      [425, true, 'answered'],
      [429, true, 'failed'],
      [500, true, 'failed'],
      [501, true, 'failed'],
      [502, true, 'failed'],
      [503, true, 'failed'],
      [504, true, 'failed'],
      [599, true, 'failed'],
    ])('%i fails the node; worth another attempt: %s; the server %s', async (status, retryable, destination) => {
      const { url } = await answering(status, { 'Content-Type': 'text/plain' }, 'what went wrong');
      await expect(call({ url })).rejects.toMatchObject({
        name: 'NodeError',
        code: 'HTTP_STATUS',
        message: `the answer was ${status}`,
        options: { retryable, destination, details: { status, body: 'what went wrong' } },
      });
    });

    it('that is expected is a success, any other is not', async () => {
      const { url } = await answering(404, {});
      await expect(call({ url, expect: [200, 404] })).resolves.toMatchObject({ status: 404 });
      await expect(call({ url, expect: [200] })).rejects.toMatchObject({
        code: 'HTTP_STATUS',
        options: { retryable: false },
      });
    });

    it('of a redirect is a success only when redirects are not followed', async () => {
      const { url } = await serve((request, response) =>
        request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'),
      );
      await expect(call({ url, response: 'text' })).resolves.toMatchObject({ status: 200, body: 'there' });
      await expect(call({ url, followRedirects: false })).resolves.toMatchObject({
        status: 302,
        headers: { location: '/there' },
      });
    });

    it.each([
      ['7', 7_000],
      ['Mon, 23 Nov 2026 10:01:00 GMT', 60_000],
    ])('may ask to wait: Retry-After %s', async (retryAfter, retryAfterMs) => {
      const { url } = await answering(503, { 'Retry-After': retryAfter });
      await expect(call({ url })).rejects.toMatchObject({ options: { retryable: true, retryAfterMs } });
    });

    it('is told with no more than the beginning of the body', async () => {
      const { url } = await answering(500, {}, 'x'.repeat(5_000));
      await expect(call({ url })).rejects.toMatchObject({ options: { details: { body: 'x'.repeat(2_000) } } });
    });
  });

  describe('trouble', () => {
    it('is HTTP_CONNECT when nobody listens', async () => {
      const { url } = await serve();
      await server?.[Symbol.asyncDispose]();
      server = undefined;
      await expect(call({ url })).rejects.toMatchObject({
        code: 'HTTP_CONNECT',
        options: { retryable: true, destination: 'failed', details: { reason: 'ECONNREFUSED' } },
      });
    });

    it('is HTTP_DISCONNECTED when the other side hangs up', async () => {
      const { url } = await serve((request) => request.socket.destroy());
      await expect(call({ url })).rejects.toMatchObject({
        code: 'HTTP_DISCONNECTED',
        options: { retryable: true, destination: 'failed' },
      });
    });

    it('is HTTP_TIMEOUT when the attempt’s time is over, and the request ends', async () => {
      const { url, nextHangUp } = await serve(() => undefined);
      const hungUp = nextHangUp();
      await expect(call({ url }, AbortSignal.timeout(30))).rejects.toMatchObject({
        code: 'HTTP_TIMEOUT',
        options: { retryable: true, destination: 'failed' },
      });
      await hungUp;
    });

    it('is HTTP_ABORTED when the process ends', async () => {
      await expect(
        call({ url: 'http://127.0.0.1:1/' }, AbortSignal.abort(new Error('shutdown'))),
      ).rejects.toMatchObject({
        code: 'HTTP_ABORTED',
        options: expect.not.objectContaining({ destination: expect.anything() as unknown }) as unknown,
      });
    });

    it('is HTTP_RESPONSE_TOO_LARGE above 10 MiB', async () => {
      const { url } = await answering(200, {}, Buffer.alloc(10 * 1_048_576 + 1));
      await expect(call({ url })).rejects.toMatchObject({
        code: 'HTTP_RESPONSE_TOO_LARGE',
        options: { retryable: false },
      });
    });

    it('is HTTP_INVALID_RESPONSE when JSON was asked for and something else came', async () => {
      const { url } = await answering(200, { 'Content-Type': 'application/json' }, '<html>');
      await expect(call({ url, response: 'json' })).rejects.toMatchObject({
        code: 'HTTP_INVALID_RESPONSE',
        options: { retryable: false, details: { body: '<html>' } },
      });
    });

    it('is HTTP_TOO_MANY_REDIRECTS in a circle', async () => {
      const { url } = await answering(302, { location: '/' });
      await expect(call({ url })).rejects.toMatchObject({
        code: 'HTTP_TOO_MANY_REDIRECTS',
        options: { retryable: false },
      });
    });

    it('is NETWORK_NOT_ALLOWED behind the wall', async () => {
      const walled = createOutboundHttp({ allowPrivateNetwork: false });
      const guarded = httpRequestNode({ http: walled, clock: { nowMs: () => 0 }, version: '1.2.3' });
      await expect(runNode(guarded, { method: 'GET', url: 'http://169.254.169.254/' })).rejects.toMatchObject({
        code: 'NETWORK_NOT_ALLOWED',
        options: { retryable: false },
      });
      await walled[Symbol.asyncDispose]();
    });

    it.each<JsonObject>([
      { url: 'not a url' },
      { url: 'not a url', query: { a: 1 } },
      { url: 'ftp://127.0.0.1/' },
      { url: 'http://user:secret@127.0.0.1/' },
      { url: 'http://127.0.0.1/', headers: { 'X-A': 'b\r\nX-Evil: 1' } },
      { url: 'http://127.0.0.1/', headers: { 'X-A\r\nX-Evil': '1' } },
      { url: 'http://127.0.0.1/', headers: { Host: 'internal' } },
      { url: 'http://127.0.0.1/', json: 1, text: 'two' },
    ])('is HTTP_INVALID_REQUEST for %j', async (config) => {
      await expect(call(config)).rejects.toMatchObject({ code: 'HTTP_INVALID_REQUEST', options: { retryable: false } });
    });
  });

  describe('the config', () => {
    const url = 'https://example.com/';

    it.each<[JsonObject, string[]]>([
      [{ url }, ['method']],
      [{ method: 'GET' }, ['url']],
      [{ method: 'get', url }, ['method']],
      [{ method: 'CONNECT', url }, ['method']],
      [{ method: 'GET', url, response: 'stream' }, ['response']],
      [{ method: 'GET', url, expect: [] }, ['expect']],
      [{ method: 'GET', url, expect: [199, 600] }, ['expect.0', 'expect.1']],
      [{ method: 'GET', url, headers: { a: {} } }, ['headers.a']],
      [{ method: 'GET', url, query: { a: {} } }, ['query.a']],
      [{ method: 'GET', url, credentialId: '' }, ['credentialId']],
      [{ method: 'GET', url, expect: ['1xx', '20x'] }, ['expect.0', 'expect.1']],
      [{ method: 'GET', url, multipart: [] }, ['multipart']],
      [{ method: 'GET', url, multipart: [{ name: 'a' }] }, ['multipart.0']],
      [{ method: 'GET', url, multipart: [{ name: 'a', filename: 'b', contentBase64: '', text: '' }] }, ['multipart.0']],
      [{ method: 'GET', url, file: { contentBase64: 'no base64!' } }, ['file.contentBase64']],
      [{ method: 'GET', url, file: { contentBase64: '', mediaType: 'image/png\r\nX-Evil: 1' } }, ['file.mediaType']],
      [{ method: 'GET', url, paging: { kind: 'other' } }, ['paging.kind']],
      [{ method: 'GET', url, paging: { kind: 'link', maxPages: 101 } }, ['paging.maxPages']],
      [{ method: 'GET', url, paging: { kind: 'cursor', cursor: 'meta..next' } }, ['paging.cursor', 'paging.param']],
      [{ method: 'GET', url, paging: { kind: 'page', param: 'p', step: 0 } }, ['paging.step']],
      [{ method: 'GET', url, body: 1 }, ['']],
    ])('refuses %j', (config, paths) => {
      expect(refusedBy(node, config)).toEqual(paths);
    });

    it.each<[JsonObject, string[]]>([
      [{ url }, []],
      [{ url: '{{ trigger.body.url }}' }, []],
      [{ url: 'http://{{ trigger.body.host }}' }, []],
      [{ url: 'example.com' }, ['url: is not a URL; one looks like https://example.com/path']],
      [{ url: 'file:///etc/passwd' }, ['url: must begin with http:// or https://']],
      [{ url: 'http://a:b@example.com' }, ['url: must not hold a user or a password']],
      [
        { url, json: 1, form: {}, text: '' },
        ['form: stands beside json; a request has one body', 'text: stands beside json; a request has one body'],
      ],
      [{ url, file: {}, multipart: [] }, ['file: stands beside multipart; a request has one body']],
      [
        { url, paging: { kind: 'cursor', cursor: '{{ response.next }}', param: 'c' } },
        [
          'paging.cursor: must be a path into the response, such as meta.next; expressions are evaluated before the first request',
        ],
      ],
      [
        { url, paging: { kind: 'page', param: 'p', in: 'json' } },
        ['paging.in: is json, so the request must have json, an object'],
      ],
      [
        { url, response: 'file', paging: { kind: 'link', items: '$' } },
        ['paging.items: needs responses that are JSON; response is text or file'],
      ],
      [
        { url, headers: { 'a b': '1', ok: 'x\ny' } },
        ['headers["a b"]: is not a header name', 'headers["ok"]: must not hold a line break'],
      ],
    ])('is checked as written: %j', (config, told) => {
      expect(checkedBy(node, config)).toEqual(told);
    });
  });
});
