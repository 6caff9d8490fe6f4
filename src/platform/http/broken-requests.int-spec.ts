import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { TestApp } from '../testing/test-app.ts';

describe('requests as they come from the wire', () => {
  let app: TestApp;
  let port: number;
  beforeAll(async () => {
    app = await TestApp.start();
    await app.nest.listen(0, '127.0.0.1');
    port = Number(new URL(await app.nest.getUrl()).port);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  /** The whole answer; `Connection: close` or HTTP/1.0 ends it. */
  async function send(lines: readonly string[], body = ''): Promise<{ head: string; body: string }> {
    const socket = connect(port, '127.0.0.1');
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    const answer = await text(socket);
    const end = answer.indexOf('\r\n\r\n');
    return { head: answer.slice(0, end).toLowerCase(), body: answer.slice(end + 4) };
  }
  const host = ['Host: localhost', 'Connection: close'];

  it.each([
    ['no HTTP that is known', ['GET / HTTP/9.9'], 400, 'MALFORMED_REQUEST'],
    ['noise', ['\0\x01\x02'], 400, 'MALFORMED_REQUEST'],
    ['an unknown method', ['BREW /v1/me HTTP/1.1', ...host], 400, 'MALFORMED_REQUEST'],
    [
      'two lengths',
      ['POST /v1/me HTTP/1.1', ...host, 'Content-Length: 1', 'Content-Length: 2'],
      400,
      'MALFORMED_REQUEST',
    ],
    [
      'a length and chunks',
      ['POST /v1/me HTTP/1.1', ...host, 'Content-Length: 1', 'Transfer-Encoding: chunked'],
      400,
      'MALFORMED_REQUEST',
    ],
    ['a path longer than headers may be', [`GET /${'x'.repeat(20_000)} HTTP/1.1`, ...host], 431, 'HEADERS_TOO_LARGE'],
    ['a long query', [`GET /v1/workflows?q=${'x'.repeat(20_000)} HTTP/1.1`, ...host], 431, 'HEADERS_TOO_LARGE'],
    ['large headers', ['GET /v1/me HTTP/1.1', ...host, `X-Large: ${'x'.repeat(20_000)}`], 431, 'HEADERS_TOO_LARGE'],
    ['no host', ['GET /health/live HTTP/1.1', 'Connection: close'], 400, 'MALFORMED_REQUEST'],
    [
      'an expectation',
      ['POST /v1/auth/login HTTP/1.1', ...host, 'Expect: 200-ok', 'Content-Length: 2'],
      417,
      'EXPECTATION_FAILED',
    ],
    ['a method of WebDAV', ['PROPFIND /v1/me HTTP/1.1', ...host], 405, 'METHOD_NOT_ALLOWED'],
    ['a path that is badly encoded', ['GET /%zz HTTP/1.1', ...host], 400, 'MALFORMED_URL'],
    ['a path of half a character', ['GET /v1/%ff HTTP/1.1', ...host], 400, 'MALFORMED_URL'],
  ])('with %s are answered with a problem and the headers of every answer', async (_name, lines, status, code) => {
    const { head, body } = await send(lines);
    expect(head).toMatch(new RegExp(`^http/1\\.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json; charset=utf-8\r\n');
    expect(head).toContain('x-content-type-options: nosniff\r\n');
    expect(head).toContain('cache-control: no-store\r\n');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  it('may be of HTTP/1.0, without a host', async () => {
    const { head, body } = await send(['GET /health/live HTTP/1.0']);
    expect(head).toMatch(/^http\/1\.1 200 ok\r\n/);
    expect(JSON.parse(body)).toEqual({ status: 'live' });
  });

  it('may ask whether to continue', async () => {
    const lines = ['POST /v1/auth/logout HTTP/1.1', ...host, 'Expect: 100-continue', 'Content-Length: 2'];
    const { head, body } = await send([...lines, 'Content-Type: application/json'], '{}');
    expect(head).toBe('http/1.1 100 continue');
    expect(body).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  });

  it('may ask for another protocol, which nobody speaks here', async () => {
    const { head } = await send([
      'GET /health/live HTTP/1.1',
      'Host: localhost',
      'Connection: close, Upgrade',
      'Upgrade: h2c',
    ]);
    expect(head).toMatch(/^http\/1\.1 200 ok\r\n/);
  });

  it('are no fault of ours when their sender goes away', async () => {
    app.log.length = 0;
    const socket = connect(port, '127.0.0.1');
    const lines = [
      'POST /v1/auth/login HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 100',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n{"email"`);
    socket.end();
    await text(socket);
    expect(app.log).toEqual([]);
  });
});
