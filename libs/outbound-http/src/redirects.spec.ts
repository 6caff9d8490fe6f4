import { tryParseDestinationRule } from '#libs/outbound-wall';
import type { RequestListener } from 'node:http';
import { createOutboundHttp } from './outbound-http.ts';
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
        'Idempotency-Key': 'key-1',
      },
    });
    const [arrived] = elsewhere.requests;
    expect(arrived?.headers).toMatchObject({
      accept: 'text/plain',
      'user-agent': 'test',
      'idempotency-key': 'key-1',
    });
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

describe('a secret header', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  let here: TestServer;
  let elsewhere: TestServer;
  beforeEach(async () => {
    elsewhere = await startServer((_request, response) => response.end());
    here = await startServer((request, response) => {
      const location = request.url === '/away' ? `${elsewhere.url}/` : '/there';
      if (request.url === '/there') response.end();
      else response.writeHead(307, { location }).end();
    });
  });
  afterEach(async () => {
    await here[Symbol.asyncDispose]();
    await elsewhere[Symbol.asyncDispose]();
  });
  afterAll(() => http[Symbol.asyncDispose]());

  const secretFor = (host: string, name = 'X-Key') => ({
    headers: { [name]: 'canary' },
    mayBeSentTo: (other: string): boolean => other === host,
  });

  it('is sent beside the others, in the place of one of the same name, and stays on its origin', async () => {
    const headers = { 'x-key': 'plain', 'x-other': 'o' };
    await http.request({ method: 'GET', url: `${here.url}/here`, headers, secret: secretFor('127.0.0.1') });
    expect(here.requests).toHaveLength(2);
    for (const { headers: arrived } of here.requests)
      expect(arrived).toMatchObject({ 'x-key': 'canary', 'x-other': 'o' });
  });

  // The last two go to any origin when they are no secret.
  it.each(['X-Key', 'Authorization', 'Accept', 'User-Agent'])('never goes to another origin as %s', async (name) => {
    await http.request({ method: 'GET', url: `${here.url}/away`, secret: secretFor('127.0.0.1', name) });
    expect(here.requests[0]?.headers[name.toLowerCase()]).toBe('canary');
    expect(elsewhere.requests).toHaveLength(1);
    expect(JSON.stringify(elsewhere.requests)).not.toContain('canary');
  });

  it('is not for a host that it is not for: nothing is sent there', async () => {
    const request = { method: 'GET', url: `${here.url}/there`, secret: secretFor('example.com') };
    await expect(http.request(request)).rejects.toMatchObject({ code: 'SECRET_HOST_NOT_ALLOWED' });
    expect(here.requests).toHaveLength(0);
  });

  it.each(['Host', 'X Key'])('can not be %s', async (name) => {
    const request = { method: 'GET', url: here.url, secret: secretFor('127.0.0.1', name) };
    await expect(http.request(request)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('a redirect into a private network', () => {
  it.each(['http://10.0.0.1/', 'http://inner.example/', 'http://[::ffff:10.0.0.1]/'])(
    'is blocked by the wall after a first hop that was allowed: %s',
    async (location) => {
      const server = await startServer((_request, response) => response.writeHead(302, { location }).end());
      const thisMachine = tryParseDestinationRule('127.0.0.1');
      const guarded = createOutboundHttp({
        allowPrivateNetwork: false,
        allow: thisMachine ? [thisMachine] : [],
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
