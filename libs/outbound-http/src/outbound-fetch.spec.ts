import { startServer } from './testing/index.ts';
import { createOutboundHttp, outboundFetch } from './index.ts';

describe('outboundFetch', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  afterAll(() => http[Symbol.asyncDispose]());

  it('is fetch, with what only some hosts may see', async () => {
    await using server = await startServer((_request, response) =>
      response.writeHead(201, { 'content-type': 'application/json', 'x-many': ['a', 'b'] }).end('{"a":"ü"}'),
    );
    const fetch = outboundFetch(http, {
      secret: () => ({ headers: { authorization: 'Bearer s' }, mayBeSentTo: (host) => host === '127.0.0.1' }),
    });
    const response = await fetch(`${server.url}/p?q=1`, { method: 'POST', headers: { 'X-A': '1' }, body: 'text' });
    expect([response.status, response.headers.get('x-many'), response.url]).toEqual([
      201,
      'a, b',
      `${server.url}/p?q=1`,
    ]);
    expect(await response.json()).toEqual({ a: 'ü' });
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/p?q=1', body: 'text' });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-a': '1', authorization: 'Bearer s' });
  });

  it.each([204, 304])('takes %i, which has no body', async (status) => {
    await using server = await startServer((_request, response) => response.writeHead(status).end());
    const response = await outboundFetch(http)(server.url, { redirect: 'manual' });
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  it.each(['follow', 'manual', 'error'] as const)('treats a redirect as the request says: %s', async (redirect) => {
    await using server = await startServer((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'),
    );
    const answer = outboundFetch(http)(server.url, { redirect });
    if (redirect === 'error') await expect(answer).rejects.toMatchObject({ code: 'TOO_MANY_REDIRECTS' });
    else expect((await answer).status).toBe(redirect === 'follow' ? 200 : 302);
    expect(server.requests).toHaveLength(redirect === 'follow' ? 2 : 1);
  });

  it('goes nowhere else than the client does', async () => {
    await using guarded = createOutboundHttp({ allowPrivateNetwork: false });
    await expect(outboundFetch(guarded)('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'NETWORK_NOT_ALLOWED' });
    const fetch = outboundFetch(http, { secret: () => ({ headers: { a: 'b' }, mayBeSentTo: () => false }) });
    await expect(fetch('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'SECRET_HOST_NOT_ALLOWED' });
  });

  it.each(['of the request', 'of all requests'])('ends with the signal %s', async (whose) => {
    await using server = await startServer(() => undefined);
    const controller = new AbortController();
    const all = whose === 'of all requests';
    const fetch = outboundFetch(http, all ? { signal: controller.signal } : {});
    const answer = fetch(server.url, all ? {} : { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
