import { startOidcProvider, walkAuthorization, type OidcServer } from '#libs/oauth/testing';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

interface Problem {
  readonly code: string;
}
interface Connection {
  readonly state: string;
  readonly why?: string;
}

describe('accounts that are connected by OAuth', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let oidc: OidcServer;
  /** Takes access tokens that the provider calls good. */
  let service: TestServer;
  let redirectUri: string;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
    redirectUri = `${millrace.url}/v1/oauth/callback`;
  }, 60_000);
  beforeEach(async () => {
    oidc = await startOidcProvider({ redirectUris: [redirectUri] });
    service = await startServer((request, response) => {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      void oidc.isActive(token).then((active) => response.writeHead(active ? 200 : 401).end());
    });
  });
  afterEach(async () => {
    await service[Symbol.asyncDispose]();
    await oidc[Symbol.asyncDispose]();
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const endpointsOf = ({
    provider: { authorizationEndpoint, tokenEndpoint, revocationEndpoint, issuer },
  }: OidcServer) => ({
    ...{ authorizationEndpoint, tokenEndpoint, revocationEndpoint, issuer },
  });
  const dataOf = (server: OidcServer) => ({
    provider: 'generic',
    ...server.client,
    scopes: ['read', 'write'],
    endpoints: endpointsOf(server),
  });
  const store = async (data: object = dataOf(oidc)): Promise<string> => {
    const reply = await api.send('POST', '/v1/credentials', { json: { name: 'Account', type: 'oauth2', data } });
    expect(reply.status).toBe(201);
    return (reply.body as { id: string }).id;
  };
  const connectionOf = async (id: string): Promise<Connection> => {
    const { body } = await api.send('GET', `/v1/credentials/${id}`);
    return (body as { connection: Connection }).connection;
  };
  const pathOf = (credentialId: string, returnTo?: string): string => {
    const query = new URLSearchParams({ credentialId, ...(returnTo === undefined ? {} : { returnTo }) });
    return `/v1/oauth/generic/authorize?${query.toString()}`;
  };
  /** A browser that begins: where it is sent, and its cookie. */
  const begin = async (credentialId: string, returnTo?: string): Promise<{ location: string; cookie: string }> => {
    const answer = await fetch(`${millrace.url}${pathOf(credentialId, returnTo)}`, {
      redirect: 'manual',
      headers: api.authorization,
    });
    expect(answer.status).toBe(302);
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    return { location: answer.headers.get('location') ?? '', cookie };
  };
  const callBack = (url: URL, cookie?: string): Promise<Response> =>
    fetch(url, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
  const connect = async (id: string): Promise<void> => {
    const { location, cookie } = await begin(id);
    expect((await callBack(await walkAuthorization(location), cookie)).status).toBe(200);
  };
  const problemOf = async (answer: Response): Promise<[number, string]> => [
    answer.status,
    ((await answer.json()) as Problem).code,
  ];
  const calling = (credentialId: string, retry?: object) =>
    manualGraph(
      {
        call: {
          type: 'http.request',
          config: { method: 'GET', url: service.url, credentialId },
          ...(retry ? { retry } : {}),
        },
      },
      ['start>call'],
    );
  const started = async (definition: object): Promise<string> => {
    const id = await api.create(definition);
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    return (body as { executionId: string }).executionId;
  };
  const read = async (id: string): Promise<Execution> =>
    (await api.send('GET', `/v1/executions/${id}`)).body as Execution;
  const ended = (id: string): Promise<Execution> =>
    until(`${id} is over`, async () => {
      const execution = await read(id);
      return ['succeeded', 'failed'].includes(execution.status) ? execution : undefined;
    });

  it('are connected in a browser, used, and nothing of them is seen', async () => {
    const id = await store();
    expect(await connectionOf(id)).toEqual({ state: 'notConnected' });
    const { location, cookie } = await begin(id);
    const asked = new URL(location).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      redirect_uri: redirectUri,
      code_challenge_method: 'S256',
      scope: 'read write',
    });
    const callback = await walkAuthorization(location);
    const answer = await callBack(callback, cookie);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await connectionOf(id)).toMatchObject({ state: 'connected', renews: true, scope: 'read write' });
    expect(await ended(await started(calling(id)))).toMatchObject({ status: 'succeeded' });
    const token = (service.requests[0]?.headers.authorization ?? '').replace('Bearer ', '');
    expect(token).not.toBe('');
    const seen = await everythingStored({ natsUrl: millrace.nats.url, databaseUrl: millrace.databaseUrl });
    for (const secret of [token, callback.searchParams.get('code') ?? '', oidc.client.clientSecret ?? ''])
      expect(seen.includes(secret) || millrace.log.join('\n').includes(secret)).toBe(false);
  });

  it('are connected by a link that a person opens, once', async () => {
    const id = await store();
    const reply = await api.send('GET', pathOf(id), { headers: { accept: 'application/json' } });
    const { url } = reply.body as { url: string };
    expect(new URL(url).pathname).toMatch(/^\/v1\/oauth\/start\/[\w-]{43}$/);
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('“Account”') as string]);
    const go = (): Promise<Response> => fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams() });
    const gone = await go();
    expect(gone.status).toBe(303);
    const [cookie] = (gone.headers.get('set-cookie') ?? '').split(';');
    expect(await problemOf(await go())).toEqual([409, 'OAUTH_LINK_USED']);
    const callback = await walkAuthorization(gone.headers.get('location') ?? '');
    expect((await callBack(callback, cookie)).status).toBe(200);
    expect(await problemOf(await fetch(`${millrace.url}/v1/oauth/start/${'a'.repeat(43)}`))).toEqual([
      404,
      'OAUTH_LINK_NOT_FOUND',
    ]);
  });

  describe('refuse', () => {
    it('a callback that nobody began, or that was used', async () => {
      const { location, cookie } = await begin(await store());
      const callback = await walkAuthorization(location);
      for (const state of [undefined, '', 'x', 'a'.repeat(43)]) {
        const other = new URL(callback);
        if (state === undefined) other.searchParams.delete('state');
        else other.searchParams.set('state', state);
        expect(await problemOf(await callBack(other, cookie))).toEqual([400, 'OAUTH_STATE_UNKNOWN']);
      }
      expect((await callBack(callback, cookie)).status).toBe(200);
      expect(await problemOf(await callBack(callback, cookie))).toEqual([409, 'OAUTH_STATE_USED']);
    });

    it('of two callbacks at once, one', async () => {
      const { location, cookie } = await begin(await store());
      const callback = await walkAuthorization(location);
      const answers = await Promise.all(Array.from({ length: 5 }, () => callBack(callback, cookie)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
      expect(oidc.tokenCalls).toHaveLength(1);
    });

    it("another browser's callback, and leaves it to the one that began", async () => {
      const id = await store();
      const mine = await begin(id);
      const theirs = await begin(id);
      const callback = await walkAuthorization(mine.location);
      const [name = ''] = mine.cookie.split('=');
      const cookies = [undefined, theirs.cookie, `${name}=`, `${name}=${'a'.repeat(43)}`, `x${mine.cookie}`];
      for (const cookie of cookies)
        expect(await problemOf(await callBack(callback, cookie))).toEqual([403, 'OAUTH_OTHER_BROWSER']);
      expect((await callBack(callback, `other=1; ${mine.cookie}`)).status).toBe(200);
    });

    it("another provider's callback (mix-up)", async () => {
      await using other = await startOidcProvider({ redirectUris: [redirectUri] });
      const id = await store();
      const { location, cookie } = await begin(id);
      const callback = await walkAuthorization(location);
      callback.searchParams.set('iss', other.issuer);
      expect(await problemOf(await callBack(callback, cookie))).toEqual([400, 'OAUTH_ISSUER_MISMATCH']);
      expect([oidc.tokenCalls, other.tokenCalls, await connectionOf(id)]).toEqual([[], [], { state: 'notConnected' }]);
    });

    it('a code that was used before', async () => {
      const id = await store();
      const first = await begin(id);
      const used = await walkAuthorization(first.location);
      expect((await callBack(used, first.cookie)).status).toBe(200);
      const second = await begin(id);
      const replayed = await walkAuthorization(second.location);
      replayed.searchParams.set('code', used.searchParams.get('code') ?? '');
      expect(await problemOf(await callBack(replayed, second.cookie))).toEqual([400, 'OAUTH_CODE_REFUSED']);
    });

    it('what the person does not allow, without repeating HTML', async () => {
      const { location, cookie } = await begin(await store());
      const callback = await walkAuthorization(location, { refuse: true });
      callback.searchParams.set('error_description', '<script>alert(1)</script>');
      const answer = await callBack(callback, cookie);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      const text = await answer.text();
      expect([answer.status, text.includes('<script>')]).toEqual([403, false]);
    });

    it.each([
      '//evil.example',
      '/\\evil.example',
      'https:evil.example',
      'https://evil.example/',
      'javascript:alert(1)',
    ])('to send a browser to %s', async (returnTo) => {
      const reply = await api.send('GET', pathOf(await store(), returnTo));
      expect([reply.status, (reply.body as Problem).code]).toEqual([400, 'INVALID_REQUEST']);
    });

    it('other credentials, workspaces and providers', async () => {
      const id = await store();
      const other = await Api.register(millrace.url);
      const bearer = { name: 'x', type: 'http.bearer', data: { token: 'abc' } };
      const { body } = await api.send('POST', '/v1/credentials', { json: bearer });
      const codeOf = async (as: Api, path: string) => {
        const reply = await as.send('GET', path);
        return [reply.status, (reply.body as Problem).code];
      };
      expect(await codeOf(other, pathOf(id))).toEqual([404, 'CREDENTIAL_NOT_FOUND']);
      expect(await codeOf(api, pathOf((body as { id: string }).id))).toEqual([422, 'CREDENTIAL_NOT_CONNECTABLE']);
      expect(await codeOf(api, pathOf(id).replace('generic', 'github'))).toEqual([422, 'CREDENTIAL_NOT_CONNECTABLE']);
      expect(await codeOf(api, pathOf(id).replace('generic', 'nobody'))).toEqual([400, 'INVALID_REQUEST']);
      expect((await fetch(`${millrace.url}${pathOf(id)}`, { redirect: 'manual' })).status).toBe(401);
    });
  });

  it('send the browser back to where it was asked to', async () => {
    const id = await store();
    const { location, cookie } = await begin(id, '/done?x=1');
    const answer = await callBack(await walkAuthorization(location), cookie);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${millrace.url}/done?x=1&credentialId=${id}`,
    ]);
  });

  it('get one new token for fifty who need one at once, and lose no refresh token', async () => {
    await oidc[Symbol.asyncDispose]();
    // Shorter than the time before the end at which tokens are renewed: each attempt wants another one.
    oidc = await startOidcProvider({ redirectUris: [redirectUri], accessTokenSeconds: 60 });
    const id = await store();
    await connect(id);
    const refreshes = () => oidc.tokenCalls.filter(({ grantType }) => grantType === 'refresh_token');
    const graph = manualGraph(
      Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [
          `call${index}`,
          { type: 'http.request', config: { method: 'GET', url: service.url, credentialId: id } },
        ]),
      ),
      Array.from({ length: 50 }, (_, index) => `start>call${index}`),
    );
    expect(await ended(await started(graph))).toMatchObject({ status: 'succeeded' });
    expect(refreshes().every(({ error }) => error === undefined)).toBe(true);
    expect(service.requests).toHaveLength(50);
  });

  it('get one new token for all whose token was refused', async () => {
    const id = await store();
    await connect(id);
    const before = oidc.tokenCalls.length;
    let refused = true;
    await using picky = await startServer((request, response) => {
      const first = (request.headers.authorization ?? '') === firstToken;
      response.writeHead(first && refused ? 401 : 200).end();
    });
    await ended(await started(calling(id)));
    const firstToken = service.requests.at(-1)?.headers.authorization;
    const config = { method: 'GET', url: picky.url, credentialId: id };
    const names = Array.from({ length: 50 }, (_, index) => `call${index}`);
    const graph = manualGraph(
      Object.fromEntries(names.map((name) => [name, { type: 'http.request', config }])),
      names.map((name) => `start>${name}`),
    );
    expect(await ended(await started(graph))).toMatchObject({ status: 'succeeded' });
    refused = false;
    expect(oidc.tokenCalls.slice(before)).toEqual([{ grantType: 'refresh_token' }]);
  });

  it('wait for the person when the provider gives no more tokens, and go on by themselves', async () => {
    const id = await store();
    await connect(id);
    oidc.forgetGrants();
    const waiting = await Promise.all([started(calling(id)), started(calling(id))]);
    for (const executionId of waiting) {
      const waitingOn = await until('it waits', async () => {
        const execution = await read(executionId);
        return execution.waitingOn?.kind === 'credential' ? execution.waitingOn : undefined;
      });
      expect(waitingOn).toMatchObject({ kind: 'credential', nodeId: 'call', credentialId: id });
    }
    expect(await connectionOf(id)).toMatchObject({ state: 'disconnected' });
    await connect(id);
    for (const executionId of waiting) expect(await ended(executionId)).toMatchObject({ status: 'succeeded' });
    const { nodes } = await read(waiting[0] ?? '');
    expect(nodes.find(({ nodeId }) => nodeId === 'call')).toMatchObject({ attempts: 1 });
  });

  it('wait from the beginning when they were never connected', async () => {
    const id = await store();
    const executionId = await started(calling(id));
    await until('it waits', async () =>
      (await read(executionId)).waitingOn?.kind === 'credential' ? true : undefined,
    );
    await connect(id);
    expect(await ended(executionId)).toMatchObject({ status: 'succeeded' });
  });

  it('need nobody when the client is the account', async () => {
    const id = await store({ ...dataOf(oidc), grant: 'clientCredentials', scopes: ['read'] });
    const reply = await api.send('GET', pathOf(id));
    expect((reply.body as Problem).code).toBe('CREDENTIAL_NOT_CONNECTABLE');
    await using takesAll = await startServer((_request, response) => response.end());
    const definition = manualGraph(
      { call: { type: 'http.request', config: { method: 'GET', url: takesAll.url, credentialId: id } } },
      ['start>call'],
    );
    expect(await ended(await started(definition))).toMatchObject({ status: 'succeeded' });
    expect(takesAll.requests[0]?.headers.authorization).toMatch(/^Bearer ./);
    expect(oidc.tokenCalls).toEqual([{ grantType: 'client_credentials' }]);
  });

  it('are an error of the attempt while the provider is away', async () => {
    const id = await store({ ...dataOf(oidc), grant: 'clientCredentials', scopes: ['read'] });
    oidc.failTokenCalls(503);
    const retry = { maxAttempts: 20, backoff: 'fixed', initialMs: 50, maxMs: 50, jitter: false };
    const executionId = await started(calling(id, retry));
    await until('it was tried', async () => (oidc.tokenCalls.length > 2 ? true : undefined));
    oidc.failTokenCalls();
    const { nodes } = await ended(executionId);
    expect(nodes.find(({ nodeId }) => nodeId === 'call')?.attempts).toBeGreaterThan(2);
  });

  it('keep their tokens when the secret of the client is changed, and lose them with the client', async () => {
    const id = await store();
    await connect(id);
    const change = async (data: object): Promise<unknown> =>
      (await api.send('PATCH', `/v1/credentials/${id}`, { json: { data } })).status;
    expect(await change({ ...dataOf(oidc), clientSecret: 'another' })).toBe(200);
    expect(await connectionOf(id)).toMatchObject({ state: 'connected' });
    expect(await change({ ...dataOf(oidc), clientId: 'another' })).toBe(200);
    expect(await connectionOf(id)).toEqual({ state: 'notConnected' });
  });

  it('are given back when the credential is deleted', async () => {
    const id = await store();
    await connect(id);
    await ended(await started(calling(id)));
    const token = (service.requests.at(-1)?.headers.authorization ?? '').replace('Bearer ', '');
    expect(await oidc.isActive(token)).toBe(true);
    expect((await api.send('DELETE', `/v1/credentials/${id}`)).status).toBe(204);
    expect(await oidc.isActive(token)).toBe(false);
  });

  it('are in the audit, with who connected them', async () => {
    const id = await store();
    await connect(id);
    const entries = await until('the entry is there', async () => {
      const { body } = await api.send('GET', `/v1/audit?action=credential.connect&target=${id}`);
      const { items } = body as { items: readonly { actor: object }[] };
      return items.length > 0 ? items : undefined;
    });
    expect(entries[0]).toMatchObject({ target: id, actor: { type: 'user' } });
  });
});
