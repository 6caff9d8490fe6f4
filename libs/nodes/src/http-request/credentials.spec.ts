import type { Credential } from '#libs/credential-types';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import type { AttemptContext } from '#libs/node-kit';
import { runNode } from '../testing/run-nodes.ts';
import { httpRequestNode } from './http-request.ts';

describe('http.request with a credential', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const node = httpRequestNode({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer((_request, response) => response.end());
  });
  afterEach(() => server[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  const bearer: Credential = { id: 'cr_1', type: 'http.bearer', data: { token: 'abc' }, allowedHosts: [] };
  const call = (credential: Credential, config: JsonObject = {}): Promise<JsonValue> =>
    runNode(node, { method: 'GET', url: server.url, credentialId: 'cr_1', ...config }, { credentials: [credential] });

  it.each<[Credential, string, string]>([
    [
      { id: 'cr_1', type: 'http.basic', data: { username: 'ada', password: 'pä:ss' }, allowedHosts: [] },
      'authorization',
      `Basic ${Buffer.from('ada:pä:ss').toString('base64')}`,
    ],
    [bearer, 'authorization', 'Bearer abc'],
    [
      { id: 'cr_1', type: 'http.header', data: { name: 'X-Api-Key', value: 'Token abc' }, allowedHosts: [] },
      'x-api-key',
      'Token abc',
    ],
  ])('sends $type', async (credential, name, value) => {
    await call(credential);
    expect(server.requests[0]?.headers[name]).toBe(value);
  });

  describe('of an account', () => {
    const account = (accessToken: string): Credential<'oauth2'> => ({
      id: 'cr_1',
      type: 'oauth2',
      allowedHosts: [],
      data: {
        provider: 'github',
        grant: 'authorizationCode',
        clientId: 'a',
        scopes: [],
        tokens: { accessToken, tokenType: 'bearer' },
      },
    });
    const callAs = (renewed: AttemptContext['renewed']): Promise<JsonValue> =>
      runNode(
        node,
        { method: 'GET', url: server.url, credentialId: 'cr_1' },
        { credentials: [account('one')], renewed },
      );
    const sent = () => server.requests.map(({ headers }) => headers.authorization);
    const answering = async (statusOf: (authorization: string) => number) => {
      await server[Symbol.asyncDispose]();
      server = await startServer((request, response) =>
        response.writeHead(statusOf(request.headers.authorization ?? '')).end(),
      );
    };

    it('sends the access token, and another one when it is refused', async () => {
      await answering((authorization) => (authorization === 'Bearer two' ? 200 : 401));
      const asked: string[] = [];
      const output = await callAs(async ({ data }) => {
        asked.push(data.tokens?.accessToken ?? '');
        return account('two');
      });
      expect(output).toMatchObject({ status: 200 });
      expect([sent(), asked]).toEqual([['Bearer one', 'Bearer two'], ['one']]);
    });

    it('takes the second refusal for an answer', async () => {
      await answering(() => 401);
      await expect(callAs(async () => account('two'))).rejects.toMatchObject({ code: 'HTTP_STATUS' });
      expect(sent()).toEqual(['Bearer one', 'Bearer two']);
    });

    it('does not take the refusal of another server for one of the token', async () => {
      await using elsewhere = await startServer((_request, response) => response.writeHead(401).end());
      await server[Symbol.asyncDispose]();
      server = await startServer((_request, response) => response.writeHead(302, { location: elsewhere.url }).end());
      await expect(callAs(() => Promise.reject(new Error('nobody asked')))).rejects.toMatchObject({
        code: 'HTTP_STATUS',
      });
      expect(elsewhere.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    it.each([200, 403, 500])('asks for no other one when the answer is %i', async (status) => {
      await answering(() => status);
      await callAs(() => Promise.reject(new Error('nobody asked'))).catch(({ code }) =>
        expect(code).toBe('HTTP_STATUS'),
      );
      expect(sent()).toEqual(['Bearer one']);
    });
  });

  it('sends it in the place of a header that the config gives', async () => {
    await call(bearer, { headers: { AUTHORIZATION: 'mine', 'x-a': 'b' } });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-a': 'b' });
  });

  it.each(['127.0.0.1', '*.example.com,127.0.0.1'])('sends it to a host that it is bound to: %s', async (hosts) => {
    await call({ ...bearer, allowedHosts: hosts.split(',') });
    expect(server.requests).toHaveLength(1);
  });

  it('sends nothing to a host that it is not bound to', async () => {
    await expect(call({ ...bearer, allowedHosts: ['example.com'] })).rejects.toMatchObject({
      code: 'CREDENTIAL_HOST_NOT_ALLOWED',
      options: { retryable: false },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('sends nothing without the credential that it was to have', async () => {
    await expect(call(bearer, { credentialId: 'cr_2' })).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_FOUND' });
    expect(server.requests).toHaveLength(0);
  });
});
