import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createOutboundHttp } from './outbound-http.ts';
import { startServer, type TestServer } from './testing/index.ts';

describe('createOutboundHttp', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  let server: TestServer | undefined;

  afterEach(() => server?.[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  async function serve(answer: RequestListener): Promise<TestServer> {
    server = await startServer(answer);
    return server;
  }

  describe('a request', () => {
    it('sends method, path, headers and body, and gives status, headers and body back', async () => {
      const { url, requests } = await serve((_request, response) => {
        response.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('made');
      });
      const response = await http.request({
        method: 'POST',
        url: `${url}/orders?x=1#part`,
        headers: { 'X-Ask': 'é' },
        body: '{"a":"ü"}',
      });
      expect(requests[0]).toMatchObject({ method: 'POST', path: '/orders?x=1', body: '{"a":"ü"}' });
      expect(requests[0]?.headers).toMatchObject({ 'x-ask': 'é', 'content-length': '10' });
      expect(response).toMatchObject({ status: 201, headers: { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'] } });
      expect(response.body.toString()).toBe('made');
    });

    it.each([200, 204, 304, 404, 500, 503])('takes %i for a response, not for an error', async (status) => {
      const { url } = await serve((_request, response) => response.writeHead(status).end());
      await expect(http.request({ method: 'GET', url })).resolves.toMatchObject({ status });
    });

    it('gives a body that came in pieces as one', async () => {
      const { url } = await serve((_request, response) => {
        response.write('one ');
        setImmediate(() => response.end('two'));
      });
      expect((await http.request({ method: 'GET', url })).body.toString()).toBe('one two');
    });

    it.each([
      ['a line break in a value', { 'x-a': 'b\r\nx-evil: 1' }],
      ['a line break in a name', { 'x-a\r\nx-evil': 'b' }],
      ['a character beyond Latin-1', { 'x-a': '→' }],
      ['NUL', { 'x-a': '\0' }],
      ['a space in a name', { 'x a': 'b' }],
      ['Host', { Host: 'internal' }],
      ['Content-Length', { 'Content-Length': '5' }],
      ['Transfer-Encoding', { 'transfer-encoding': 'chunked' }],
      ['Proxy-Authorization', { 'Proxy-Authorization': 'Basic x' }],
    ])('refuses a header with %s', async (_what, headers) => {
      const { url, requests } = await serve((_request, response) => response.end());
      await expect(http.request({ method: 'GET', url, headers })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      expect(requests).toHaveLength(0);
    });

    it.each(['', 'get', 'CONNECT', 'TRACE', 'GET / HTTP/1.1\r\n'])('refuses the method %j', async (method) => {
      await expect(http.request({ method, url: 'http://127.0.0.1/' })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
    });

    it.each(['', 'nowhere', '//127.0.0.1/', 'http://', 'http://user@127.0.0.1/', 'http://:secret@127.0.0.1/'])(
      'refuses the URL %j',
      async (url) => {
        await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      },
    );
  });

  describe('connections', () => {
    it('are kept and used again', async () => {
      const { url, connections } = await serve((_request, response) => response.end('ok'));
      for (let call = 0; call < 20; call++) await http.request({ method: 'POST', url, body: 'x' });
      // undici gives a connection back one turn of the event loop after its response, so two take turns.
      expect(connections()).toBeLessThanOrEqual(2);
    });

    it('are bounded per origin: the rest waits', async () => {
      const bounded = createOutboundHttp({ allowPrivateNetwork: true, connectionsPerOrigin: 3 });
      const { url, connections } = await serve((_request, response) => setImmediate(() => response.end('ok')));
      const responses = await Promise.all(Array.from({ length: 30 }, () => bounded.request({ method: 'GET', url })));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect(connections()).toBeLessThanOrEqual(3);
      await bounded[Symbol.asyncDispose]();
    });

    it('that nobody accepts are CONNECT_FAILED with the reason', async () => {
      const closed = await startServer((_request, response) => response.end());
      await closed[Symbol.asyncDispose]();
      await expect(http.request({ method: 'GET', url: closed.url })).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        reason: 'ECONNREFUSED',
      });
    });

    it('that end before the response does are DISCONNECTED', async () => {
      const { url } = await serve((request, response) => {
        if (request.url === '/before') request.socket.destroy();
        else response.writeHead(200, { 'content-length': '100' }).write('part', () => request.socket.destroy());
      });
      await expect(http.request({ method: 'GET', url: `${url}/before` })).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
      await expect(http.request({ method: 'GET', url: `${url}/within` })).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
    });

    it('that speak something else are INVALID_RESPONSE', async () => {
      const other = createServer((socket) => socket.resume().end('220 mail.example ESMTP\r\n'));
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
      await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
      other.close();
      await once(other, 'close');
    });

    it('are closed with the client, which then refuses', async () => {
      const closing = createOutboundHttp({ allowPrivateNetwork: true });
      const { url, nextHangUp } = await serve(() => undefined);
      const hungUp = nextHangUp();
      const pending = closing.request({ method: 'GET', url });
      const refused = expect(pending).rejects.toMatchObject({ code: 'ABORTED' });
      await waitFor(() => server?.requests.length === 1);
      await closing[Symbol.asyncDispose]();
      await refused;
      await hungUp;
      await expect(closing.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'ABORTED' });
    });
  });

  describe('time', () => {
    it('ends a request that gets no answer, and hangs up', async () => {
      const { url, nextHangUp } = await serve(() => undefined);
      const hungUp = nextHangUp();
      await expect(http.request({ method: 'GET', url, timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
      await hungUp;
    });

    it('ends a response that drips for ever', async () => {
      const drips: NodeJS.Timeout[] = [];
      const { url, nextHangUp } = await serve((_request, response) => {
        drips.push(setInterval(() => response.write('.'), 5));
      });
      const hungUp = nextHangUp();
      await expect(http.request({ method: 'GET', url, timeoutMs: 100 })).rejects.toMatchObject({ code: 'TIMEOUT' });
      await hungUp;
      drips.forEach(clearInterval);
    });

    it('counts for all redirects together', async () => {
      const { url } = await serve((_request, response) => {
        setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40);
      });
      await expect(http.request({ method: 'GET', url, timeoutMs: 100 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    });

    it('ends a request that waits for a connection, and never sends it', async () => {
      const single = createOutboundHttp({ allowPrivateNetwork: true, connectionsPerOrigin: 1 });
      const answers: (() => void)[] = [];
      const { url, requests } = await serve((_request, response) => answers.push(() => response.end()));
      const first = single.request({ method: 'GET', url: `${url}/first` });
      await waitFor(() => requests.length === 1);
      await expect(single.request({ method: 'GET', url: `${url}/second`, timeoutMs: 30 })).rejects.toMatchObject({
        code: 'TIMEOUT',
      });
      const third = single.request({ method: 'GET', url: `${url}/third` });
      answers.shift()?.();
      await first;
      await waitFor(() => requests.length === 2);
      answers.shift()?.();
      await third;
      expect(requests.map(({ path }) => path)).toEqual(['/first', '/third']);
      await single[Symbol.asyncDispose]();
    });

    it('can be cut short by a signal, before and during the request', async () => {
      const { url, requests, nextHangUp } = await serve(() => undefined);
      await expect(http.request({ method: 'GET', url, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'ABORTED',
      });
      expect(requests).toHaveLength(0);
      const controller = new AbortController();
      const hungUp = nextHangUp();
      const refused = expect(http.request({ method: 'GET', url, signal: controller.signal })).rejects.toMatchObject({
        code: 'ABORTED',
      });
      await waitFor(() => requests.length === 1);
      controller.abort();
      await refused;
      await hungUp;
    });
  });

  describe('size', () => {
    const maxResponseBytes = 1_000;

    it('is accepted at the limit and refused one byte above', async () => {
      const { url } = await serve((request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))));
      const at = await http.request({ method: 'GET', url: `${url}/1000`, maxResponseBytes });
      expect(at.body).toHaveLength(1_000);
      await expect(http.request({ method: 'GET', url: `${url}/1001`, maxResponseBytes })).rejects.toMatchObject({
        code: 'RESPONSE_TOO_LARGE',
      });
    });

    it('ends an endless response at once', async () => {
      const { url, nextHangUp } = await serve((_request, response) => {
        const pour = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', pour);
        pour();
      });
      const hungUp = nextHangUp();
      await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
      await hungUp;
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
      ['br', brotliCompressSync],
    ])('counts what comes out of %s', async (encoding, compress) => {
      const { url } = await serve((request, response) => {
        const body = compress(Buffer.alloc(Number(request.url?.slice(1))));
        response.writeHead(200, { 'content-encoding': encoding }).end(body);
      });
      const at = await http.request({ method: 'GET', url: `${url}/1000`, maxResponseBytes });
      expect(at.body).toHaveLength(1_000);
      await expect(http.request({ method: 'GET', url: `${url}/1001`, maxResponseBytes })).rejects.toMatchObject({
        code: 'RESPONSE_TOO_LARGE',
      });
      await expect(http.request({ method: 'GET', url: `${url}/50000000` })).rejects.toMatchObject({
        code: 'RESPONSE_TOO_LARGE',
      });
    });

    it('of headers is bounded', async () => {
      const { url } = await serve((_request, response) =>
        response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end(),
      );
      await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
    });
  });

  describe('encodings', () => {
    const answerEncoded = (encoding: string, body: Buffer) =>
      serve((_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));

    it('are asked for and undone, in their order', async () => {
      const { url, requests } = await answerEncoded('gzip, br', brotliCompressSync(gzipSync('hello')));
      expect((await http.request({ method: 'GET', url })).body.toString()).toBe('hello');
      expect(requests[0]?.headers['accept-encoding']).toBe('gzip, deflate, br');
    });

    it.each([
      ['an unknown one', 'zstd', Buffer.from('x')],
      ['one too many', 'gzip, gzip, gzip, gzip', gzipSync('x')],
      ['one that the body does not have', 'gzip', Buffer.from('plain')],
      ['a body cut off', 'gzip', gzipSync('hello').subarray(0, 12)],
    ])('refuse %s', async (_what, encoding, body) => {
      const { url } = await answerEncoded(encoding, body);
      await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
    });

    it('let a response without a body pass', async () => {
      const { url } = await answerEncoded('gzip', Buffer.alloc(0));
      expect((await http.request({ method: 'GET', url })).body).toHaveLength(0);
    });
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
