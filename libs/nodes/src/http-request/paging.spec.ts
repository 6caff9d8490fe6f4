import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credential } from '#libs/credential-types';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { tryParseDestinationRule } from '#libs/outbound-wall';
import { runNode } from '../testing/run-nodes.ts';
import { httpRequestNode } from './http-request.ts';

const bearer: Credential = { id: 'cr_1', type: 'http.bearer', data: { token: 'canary' }, allowedHosts: [] };

describe('http.request with paging', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const node = httpRequestNode({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  let servers: TestServer[] = [];
  beforeEach(() => {
    servers = [];
  });
  afterEach(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));
  afterAll(() => http[Symbol.asyncDispose]());

  /** Answers JSON that follows from the query; headers and status may be set before. */
  async function serve(
    answer: (query: URLSearchParams, response: ServerResponse, request: IncomingMessage) => JsonValue,
  ): Promise<TestServer> {
    const server = await startServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://server');
      response.setHeader('content-type', 'application/json');
      const body = answer(searchParams, response, request);
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
    servers.push(server);
    return server;
  }
  const call = (config: JsonObject): Promise<JsonValue> =>
    runNode(node, { method: 'GET', ...config }, { credentials: [bearer] });
  const queries = ({ requests }: TestServer) => requests.map(({ path }) => path);
  /** Pages 1 to 3, of two items each. */
  const pageOf = (page: number) => (page > 3 ? [] : [{ id: page * 10 }, { id: page * 10 + 1 }]);
  const ids = [10, 11, 20, 21, 30, 31].map((id) => ({ id }));

  describe('by link', () => {
    const linked = () =>
      serve((query, response) => {
        const page = Number(query.get('page') ?? 1);
        if (page < 3) response.setHeader('link', `</list?page=${page + 1}>; rel="next", </list?page=3>; rel="last"`);
        return pageOf(page);
      });

    it('follows until there is no next one', async () => {
      const server = await linked();
      const output = await call({ url: `${server.url}/list`, query: { a: 1 }, paging: { kind: 'link', items: '$' } });
      expect(output).toEqual({ pages: 3, complete: true, items: ids });
      expect(queries(server)).toEqual(['/list?a=1', '/list?page=2', '/list?page=3']);
    });

    it('gives the bodies where nobody said what the items are', async () => {
      const server = await linked();
      expect(await call({ url: `${server.url}/list`, paging: { kind: 'link' } })).toEqual({
        pages: 3,
        complete: true,
        body: [pageOf(1), pageOf(2), pageOf(3)],
      });
    });

    it('stops after as many pages as it may ask for, and says that there are more', async () => {
      const server = await linked();
      const paging = { kind: 'link', items: '$', maxPages: 2 };
      expect(await call({ url: server.url, paging })).toEqual({ pages: 2, complete: false, items: ids.slice(0, 4) });
      expect(server.requests).toHaveLength(2);
    });

    it('asks for 10 pages unless told otherwise', async () => {
      const server = await serve((query, response) => {
        response.setHeader('link', `<?page=${Number(query.get('page') ?? 1) + 1}>; rel=next`);
        return [];
      });
      expect(await call({ url: server.url, paging: { kind: 'link' } })).toMatchObject({ pages: 10, complete: false });
    });

    it('sends headers and credential to every page, with a key for each', async () => {
      const server = await linked();
      const headers = { 'X-Tenant': 't' };
      await call({ url: server.url, headers, credentialId: 'cr_1', paging: { kind: 'link' } });
      for (const { headers: arrived } of server.requests)
        expect(arrived).toMatchObject({ authorization: 'Bearer canary', 'x-tenant': 't' });
      expect(server.requests.map(({ headers: arrived }) => arrived['idempotency-key'])).toEqual([
        'key-1',
        'key-1-2',
        'key-1-3',
      ]);
    });

    it('takes neither to a page at another origin', async () => {
      const elsewhere = await serve(() => [3]);
      const here = await serve((_query, response) => {
        response.setHeader('link', `<${elsewhere.url}/rest>; rel="next"`);
        return [1, 2];
      });
      const headers = { 'X-Tenant': 'canary', Accept: 'application/json' };
      const paging = { kind: 'link', items: '$' };
      expect(await call({ url: here.url, headers, credentialId: 'cr_1', paging })).toMatchObject({ items: [1, 2, 3] });
      expect(JSON.stringify(here.requests)).toContain('canary');
      expect(elsewhere.requests[0]?.headers).toMatchObject({ accept: 'application/json' });
      expect(JSON.stringify(elsewhere.requests)).not.toContain('canary');
    });
  });

  it('finds the URL of the next page in the response', async () => {
    const server = await serve((query) => {
      const page = Number(query.get('page') ?? 1);
      return { '@odata.nextLink': page < 3 ? `?page=${page + 1}` : null, value: pageOf(page) };
    });
    const paging = { kind: 'url', next: '["@odata.nextLink"]', items: 'value' };
    expect(await call({ url: server.url, paging })).toEqual({ pages: 3, complete: true, items: ids });
  });

  describe('by cursor', () => {
    const cursors = [undefined, 'c=1&', 7, ''];
    const answer = (index: number) => ({ data: [index], meta: { next: cursors[index + 1] ?? null } });
    const paging = { kind: 'cursor', cursor: 'meta.next', param: 'after', items: 'data' };

    it('sends it in the query, in the place of one that is there', async () => {
      const server = await serve((query) => answer(['0', 'c=1&', '7'].indexOf(query.get('after') ?? '')));
      expect(await call({ url: `${server.url}/?after=0&a=1`, query: { b: 2 }, paging })).toEqual({
        pages: 3,
        complete: true,
        items: [0, 1, 2],
      });
      expect(queries(server)).toEqual(['/?after=0&a=1&b=2', '/?a=1&b=2&after=c%3D1%26', '/?a=1&b=2&after=7']);
    });

    it('sends it in the JSON body', async () => {
      let asked = 0;
      const server = await serve(() => answer(asked++));
      await call({ method: 'POST', url: server.url, json: { size: 1 }, paging: { ...paging, in: 'json' } });
      expect(server.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
        { size: 1 },
        { size: 1, after: 'c=1&' },
        { size: 1, after: 7 },
      ]);
    });

    it.each<[string, JsonValue, string, number]>([
      ['is no text and no number', { meta: { next: {} } }, 'the cursor is neither a text nor a number', 1],
      ['stands still', { meta: { next: 'same' } }, 'the cursor is the same one again', 2],
      ['comes with items that are no list', { data: {} }, 'what the response holds at data is not a list', 1],
    ])('fails when it %s', async (_what, body, message, page) => {
      const server = await serve(() => body);
      await expect(call({ url: server.url, paging })).rejects.toMatchObject({
        code: 'HTTP_PAGING_FAILED',
        message,
        options: { retryable: false, destination: 'answered', details: { page } },
      });
    });
  });

  describe('by number', () => {
    const numbered = () => serve((query) => ({ data: pageOf(Number(query.get('p'))) }));

    it('ends after a page without items', async () => {
      const server = await numbered();
      const paging = { kind: 'page', param: 'p', items: 'data' };
      expect(await call({ url: server.url, paging })).toEqual({ pages: 4, complete: true, items: ids });
    });

    it('ends with the last one that was to be asked for', async () => {
      const server = await serve((query) => Number(query.get('offset')));
      const paging = { kind: 'page', param: 'offset', from: 0, step: 50, until: 120 };
      expect(await call({ url: server.url, paging })).toEqual({ pages: 3, complete: true, body: [0, 50, 100] });
    });

    it('takes a body that is an empty list for one without items', async () => {
      const server = await serve((query) => pageOf(Number(query.get('p'))));
      const paging = { kind: 'page', param: 'p', from: 3 };
      expect(await call({ url: server.url, paging })).toEqual({ pages: 2, complete: true, body: [pageOf(3), []] });
    });

    it('must know where pages end', async () => {
      const server = await numbered();
      await expect(call({ url: server.url, paging: { kind: 'page', param: 'p' } })).rejects.toMatchObject({
        code: 'HTTP_PAGING_FAILED',
      });
    });
  });

  describe('trouble', () => {
    it('tells the page', async () => {
      const server = await serve((query, response) => {
        if (query.get('p') === '3') response.writeHead(503, { 'retry-after': '7' });
        return [1];
      });
      await expect(call({ url: server.url, paging: { kind: 'page', param: 'p' } })).rejects.toMatchObject({
        code: 'HTTP_STATUS',
        options: { retryable: true, retryAfterMs: 7_000, details: { status: 503, page: 3 } },
      });
    });

    it('is a next page that is this one', async () => {
      const server = await serve((_query, response) => {
        response.setHeader('link', '</>; rel=next');
        return [];
      });
      await expect(call({ url: server.url, paging: { kind: 'link' } })).rejects.toMatchObject({
        code: 'HTTP_PAGING_FAILED',
        message: 'the next page would be the same one again',
      });
      expect(server.requests).toHaveLength(1);
    });

    it.each(['file:///etc/passwd', 'http://user:secret@127.0.0.1/'])('is a next page at %s', async (next) => {
      const server = await serve(() => ({ next }));
      await expect(call({ url: server.url, paging: { kind: 'url', next: 'next' } })).rejects.toMatchObject({
        code: 'HTTP_INVALID_REQUEST',
      });
    });

    it('is a next page behind the wall', async () => {
      const server = await serve(() => ({ next: 'http://169.254.169.254/' }));
      const { port } = new URL(server.url);
      await using walled = createOutboundHttp({
        allowPrivateNetwork: false,
        allow: [tryParseDestinationRule(`127.0.0.1:${port}`)!],
      });
      const guarded = httpRequestNode({ http: walled, clock: { nowMs: () => 0 }, version: '1.2.3' });
      const config = { method: 'GET', url: server.url, paging: { kind: 'url', next: 'next' } };
      await expect(runNode(guarded, config)).rejects.toMatchObject({
        code: 'NETWORK_NOT_ALLOWED',
        options: { details: { page: 2 } },
      });
    });

    it('is HTTP_RESPONSE_TOO_LARGE when the pages are so together', async () => {
      const server = await serve(() => ['x'.repeat(4 * 1_048_576)]);
      await expect(call({ url: server.url, paging: { kind: 'page', param: 'p' } })).rejects.toMatchObject({
        code: 'HTTP_RESPONSE_TOO_LARGE',
        message: 'the pages are larger than 10485760 bytes together',
        options: { retryable: false, details: { page: 3 } },
      });
    });
  });
});
