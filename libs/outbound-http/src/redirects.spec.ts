import type { RequestListener } from 'node:http';
import type { Wall } from './address-wall.ts';
import { createOutboundHttp, createWalledHttp } from './outbound-http.ts';
import { startServer, type TestServer } from './testing/index.ts';

describe('redirects', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  let here: TestServer;
  let elsewhere: TestServer;

  const answer: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const to = url.searchParams.get('to');
    if (to === null) response.end('arrived');
    else response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to }).end('moved');
  };
  const redirecting = (to: string, status = 302): string =>
    `${here.url}/?${new URLSearchParams({ to, status: String(status) }).toString()}`;

  beforeEach(async () => {
    here = await startServer(answer);
    elsewhere = await startServer(answer);
  });
  afterEach(async () => {
    await here[Symbol.asyncDispose]();
    await elsewhere[Symbol.asyncDispose]();
  });
  afterAll(() => http[Symbol.asyncDispose]());

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', 'sent'],
    [301, 'PUT', 'PUT', 'sent'],
    [307, 'POST', 'POST', 'sent'],
    [308, 'POST', 'POST', 'sent'],
  ])('%i makes %s a %s', async (status, method, then, body) => {
    const response = await http.request({
      method,
      url: redirecting('/there', status),
      body: 'sent',
      headers: { 'content-type': 'text/plain' },
    });
    expect(response).toMatchObject({ status: 200, url: `${here.url}/there` });
    expect(here.requests.at(-1)).toMatchObject({ method: then, path: '/there', body });
    expect(here.requests.at(-1)?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('keeps every header on the same origin', async () => {
    await http.request({
      method: 'GET',
      url: redirecting('/there'),
      headers: { Authorization: 'Bearer x', 'X-Api-Key': 'k' },
    });
    expect(here.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer x', 'x-api-key': 'k' });
  });

  it('takes no header to another origin that could bear a credential', async () => {
    await http.request({
      method: 'GET',
      url: redirecting(`${elsewhere.url}/there`),
      headers: {
        Authorization: 'Bearer x',
        Cookie: 'a=b',
        'X-Api-Key': 'k',
        Accept: 'text/plain',
        'User-Agent': 'test',
      },
    });
    const [arrived] = elsewhere.requests;
    expect(arrived?.headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'test' });
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(arrived?.headers).not.toHaveProperty(name);
  });

  it('follows five and refuses the sixth', async () => {
    const chain = (length: number): string =>
      length === 0 ? '/there' : `/?${new URLSearchParams({ to: chain(length - 1) }).toString()}`;
    await expect(http.request({ method: 'GET', url: here.url + chain(5) })).resolves.toMatchObject({ status: 200 });
    await expect(http.request({ method: 'GET', url: here.url + chain(6) })).rejects.toMatchObject({
      code: 'TOO_MANY_REDIRECTS',
    });
    expect(here.requests).toHaveLength(12);
  });

  it('gives the redirect itself when told not to follow', async () => {
    const response = await http.request({ method: 'GET', url: redirecting('/there'), followRedirects: false });
    expect(response).toMatchObject({ status: 302, headers: { location: '/there' } });
    expect(response.body.toString()).toBe('moved');
  });

  it('takes a 3xx without location, and one that is no redirect, as they are', async () => {
    await expect(http.request({ method: 'GET', url: redirecting('', 304) })).resolves.toMatchObject({ status: 304 });
    await expect(http.request({ method: 'GET', url: redirecting('/there', 300) })).resolves.toMatchObject({
      status: 300,
    });
  });

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://user:secret@example.com/', 'http://['])(
    'refuses to follow to %s',
    async (to) => {
      await expect(http.request({ method: 'GET', url: redirecting(to) })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
    },
  );
});

describe('a redirect into a private network', () => {
  it.each(['http://10.0.0.1/', 'http://inner.example/', 'http://[::ffff:10.0.0.1]/'])(
    'is blocked by the wall after a first hop that was allowed: %s',
    async (location) => {
      const server = await startServer((_request, response) => response.writeHead(302, { location }).end());
      const onlyThisMachine: Wall = { allowsAddress: (address) => address === '127.0.0.1', allowsName: () => true };
      const guarded = createWalledHttp(onlyThisMachine, {
        resolveAll: (_hostname, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]),
      });
      await expect(guarded.request({ method: 'GET', url: server.url })).rejects.toMatchObject({
        code: 'NETWORK_NOT_ALLOWED',
      });
      expect(server.requests).toHaveLength(1);
      await guarded[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  );
});
