import type { LookupAddress } from 'node:dns';
import type { ResolveAll } from '#libs/outbound-wall';
import type { OutboundHttpErrorCode } from './errors.ts';
import { createOutboundHttp, type OutboundHttpOptions } from './outbound-http.ts';
import { startServer, type TestServer } from './testing/index.ts';
import type { OutboundHttp } from './types.ts';

/** URLs that must be blocked whatever they are written like. */
const MUST_BLOCK: readonly (readonly [string, OutboundHttpErrorCode])[] = [
  ['http://2130706433/', 'NETWORK_NOT_ALLOWED'],
  ['http://0x7f000001/', 'NETWORK_NOT_ALLOWED'],
  ['http://0177.0.0.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://127.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://0/', 'NETWORK_NOT_ALLOWED'],
  ['http://[::]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[::1]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[::ffff:127.0.0.1]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[::ffff:169.254.169.254]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[::ffff:0:127.0.0.1]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[2002:a9fe:a9fe::]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[fd00:ec2::254]/', 'NETWORK_NOT_ALLOWED'],
  ['http://[fe80::1]/', 'NETWORK_NOT_ALLOWED'],
  ['http://169.254.169.254/latest/meta-data/', 'NETWORK_NOT_ALLOWED'],
  ['http://100.100.100.200/', 'NETWORK_NOT_ALLOWED'],
  ['http://192.0.0.192/', 'NETWORK_NOT_ALLOWED'],
  ['http://168.63.129.16/', 'NETWORK_NOT_ALLOWED'],
  ['http://metadata.google.internal/', 'NETWORK_NOT_ALLOWED'],
  ['http://metadata.google.internal./', 'NETWORK_NOT_ALLOWED'],
  ['http://localhost./', 'NETWORK_NOT_ALLOWED'],
  ['http://①②⑦.⓪.⓪.①/', 'NETWORK_NOT_ALLOWED'],
  ['http://127。0。0。1/', 'NETWORK_NOT_ALLOWED'],
  ['http://198.18.0.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://100.64.0.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://240.0.0.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://224.0.0.1/', 'NETWORK_NOT_ALLOWED'],
  ['http://[ff02::1]/', 'NETWORK_NOT_ALLOWED'],
  ['gopher://127.0.0.1/', 'INVALID_REQUEST'],
  ['file:///etc/passwd', 'INVALID_REQUEST'],
  ['ftp://127.0.0.1/', 'INVALID_REQUEST'],
  ['data:text/plain,x', 'INVALID_REQUEST'],
];

describe('the wall around private networks', () => {
  let client: OutboundHttp | undefined;
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer((_request, response) => response.end('inside'));
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => client?.[Symbol.asyncDispose]());

  function open(options: OutboundHttpOptions): OutboundHttp {
    client = createOutboundHttp(options);
    return client;
  }
  const answering = (...answers: readonly LookupAddress[][]): ResolveAll => {
    let asked = 0;
    return (_hostname, _options, callback) => callback(null, answers[Math.min(asked++, answers.length - 1)] ?? []);
  };
  const portOf = (url: string): string => new URL(url).port;
  const inside = { address: '127.0.0.1', family: 4 };
  const outside = { address: '203.0.114.7', family: 4 };

  it.each(MUST_BLOCK)('blocks %s', async (url, code) => {
    const http = open({ allowPrivateNetwork: false });
    await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ name: 'OutboundHttpError', code });
  });

  it('blocks a server on this machine, and nothing arrives there', async () => {
    const http = open({ allowPrivateNetwork: false });
    await expect(http.request({ method: 'GET', url: server.url })).rejects.toMatchObject({
      code: 'NETWORK_NOT_ALLOWED',
    });
    expect(server.connections()).toBe(0);
  });

  it('blocks a name that resolves to a private address', async () => {
    const http = open({ allowPrivateNetwork: false, resolveAll: answering([inside]) });
    const url = `http://rebind.example:${portOf(server.url)}/`;
    await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code: 'NETWORK_NOT_ALLOWED' });
    expect(server.connections()).toBe(0);
  });

  it.each([
    ['last', [outside, inside]],
    ['first', [{ address: '::1', family: 6 }, outside]],
  ])('blocks a name of several addresses when the private one stands %s', async (_place, addresses) => {
    const http = open({ allowPrivateNetwork: false, resolveAll: answering(addresses) });
    await expect(http.request({ method: 'GET', url: 'http://both.example/' })).rejects.toMatchObject({
      code: 'NETWORK_NOT_ALLOWED',
    });
  });

  it('connects to the very address that was checked: a name is resolved once a connection', async () => {
    let asked = 0;
    const http = open({
      allowPrivateNetwork: true,
      resolveAll: (_hostname, _options, callback) => {
        asked++;
        callback(null, [inside]);
      },
    });
    const url = `http://once.example:${portOf(server.url)}/`;
    await expect(http.request({ method: 'GET', url })).resolves.toMatchObject({ status: 200 });
    // The connection is given back one turn of the event loop after its response.
    await new Promise((resolve) => setImmediate(resolve));
    await expect(http.request({ method: 'GET', url })).resolves.toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(server.requests.at(-1)?.headers.host).toBe(`once.example:${portOf(server.url)}`);
  });

  it('blocks a name that changes to a private address after its first connection', async () => {
    const http = open({ allowPrivateNetwork: false, resolveAll: answering([], [inside]) });
    const request = { method: 'GET', url: `http://rebind.example:${portOf(server.url)}/` };
    await expect(http.request(request)).rejects.toMatchObject({ code: 'CONNECT_FAILED', reason: 'ENOTFOUND' });
    await expect(http.request(request)).rejects.toMatchObject({ code: 'NETWORK_NOT_ALLOWED' });
  });

  it('lifts the check of addresses alone when private networks are allowed', async () => {
    const http = open({ allowPrivateNetwork: true });
    await expect(http.request({ method: 'GET', url: server.url })).resolves.toMatchObject({ status: 200 });
    await expect(http.request({ method: 'GET', url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    const withUser = server.url.replace('http://', 'http://user:secret@');
    await expect(http.request({ method: 'GET', url: withUser })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('does not run out of origins when connections are refused', async () => {
    const http = open({ allowPrivateNetwork: false, maxOrigins: 2 });
    for (const port of [1001, 1002, 1003, 1004]) {
      await expect(http.request({ method: 'GET', url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({
        code: 'NETWORK_NOT_ALLOWED',
      });
    }
  });
});
