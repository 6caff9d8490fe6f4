import { OAuth } from '#libs/oauth';
import { walkAuthorization } from '#libs/oauth/testing';
import { startServer } from '#libs/outbound-http/testing';
import { CredentialChanges } from '../../src/credentials/credential-changes.ts';
import { OAuthRows } from '../../src/credentials/oauth-rows.ts';
import { OpenCredential } from '../../src/credentials/open-credential.ts';
import { RenewTokens } from '../../src/credentials/renew-tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { Logger } from '../../src/platform/logging/logger.ts';
import { manualGraph } from '../support/big-orders.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { oauthStory, type Problem } from '../support/oauth-story.ts';
import { until } from '../support/until.ts';

describe('accounts that are connected by OAuth', () => {
  const story = oauthStory();
  const {
    store,
    connectionOf,
    workspaceOf,
    pathOf,
    begin,
    callBack,
    connect,
    age,
    problemOf,
    calling,
    started,
    read,
    ended,
    dataOf,
  } = story;

  it('are connected in a browser, used, and nothing of them is seen', async () => {
    const id = await store();
    expect(await connectionOf(id)).toEqual({ state: 'notConnected' });
    const { location, cookie } = await begin(id);
    const asked = new URL(location).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      redirect_uri: story.redirectUri,
      code_challenge_method: 'S256',
      scope: 'read write',
    });
    const callback = await walkAuthorization(location);
    const answer = await callBack(callback, cookie);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await connectionOf(id)).toMatchObject({ state: 'connected', renews: true, scope: 'read write' });
    expect(await ended(await started(calling(id)))).toMatchObject({ status: 'succeeded' });
    const token = (story.service.requests[0]?.headers.authorization ?? '').replace('Bearer ', '');
    expect(token).not.toBe('');
    const seen = await everythingStored({ natsUrl: story.millrace.nats.url, databaseUrl: story.millrace.databaseUrl });
    for (const secret of [token, callback.searchParams.get('code') ?? '', story.oidc.client.clientSecret ?? ''])
      expect(seen.includes(secret) || story.millrace.log.join('\n').includes(secret)).toBe(false);
  });

  it('are connected by a link that a person opens, once', async () => {
    const id = await store();
    const reply = await story.api.send('GET', pathOf(id), { headers: { accept: 'application/json' } });
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
    expect(await problemOf(await fetch(`${story.millrace.url}/v1/oauth/start/${'a'.repeat(43)}`))).toEqual([
      404,
      'OAUTH_LINK_NOT_FOUND',
    ]);
  });

  it('send the browser back to where it was asked to', async () => {
    const id = await store();
    const { location, cookie } = await begin(id, '/done?x=1');
    const answer = await callBack(await walkAuthorization(location), cookie);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${story.millrace.url}/done?x=1&credentialId=${id}`,
    ]);
  });

  it('get one new token for fifty who need one at once, ahead of its end, and lose no refresh token', async () => {
    const id = await store();
    await connect(id);
    // As it is an hour later: the token has ended.
    const rows = story.millrace.app.get(OAuthRows, { strict: false });
    await rows.locked(await workspaceOf(), id, ({ credential, connected }) =>
      connected({ ...credential.data.tokens!, expiresAt: '2026-11-01T00:00:00.000Z' }),
    );
    const names = Array.from({ length: 50 }, (_, index) => `call${index}`);
    const config = { method: 'GET', url: story.service.url, credentialId: id };
    const graph = manualGraph(
      Object.fromEntries(names.map((name) => [name, { type: 'http.request', config }])),
      names.map((name) => `start>${name}`),
    );
    expect(await ended(await started(graph))).toMatchObject({ status: 'succeeded' });
    expect(story.oidc.tokenCalls).toEqual([{ grantType: 'authorization_code' }, { grantType: 'refresh_token' }]);
    expect(story.service.requests).toHaveLength(50);
    // The refresh token that came with it is the one that is good.
    await age(id);
    await rows.locked(await workspaceOf(), id, ({ credential, connected }) =>
      connected({ ...credential.data.tokens!, expiresAt: '2026-11-01T00:00:00.000Z' }),
    );
    expect(await ended(await started(calling(id)))).toMatchObject({ status: 'succeeded' });
  });

  it('get one new token for all whose token was refused', async () => {
    const id = await store();
    await connect(id);
    const before = story.oidc.tokenCalls.length;
    let refused = true;
    await using picky = await startServer((request, response) => {
      const first = (request.headers.authorization ?? '') === firstToken;
      response.writeHead(first && refused ? 401 : 200).end();
    });
    await ended(await started(calling(id)));
    const firstToken = story.service.requests.at(-1)?.headers.authorization;
    const config = { method: 'GET', url: picky.url, credentialId: id };
    await age(id);
    const names = Array.from({ length: 50 }, (_, index) => `call${index}`);
    const graph = manualGraph(
      Object.fromEntries(names.map((name) => [name, { type: 'http.request', config }])),
      names.map((name) => `start>${name}`),
    );
    expect(await ended(await started(graph))).toMatchObject({ status: 'succeeded' });
    refused = false;
    expect(story.oidc.tokenCalls.slice(before)).toEqual([{ grantType: 'refresh_token' }]);
  });

  it('get one new token for all processes, by the lock of the row', async () => {
    const id = await store();
    await connect(id);
    const get = <Part>(part: abstract new (...parts: never[]) => Part): Part =>
      story.millrace.app.get(part, { strict: false });
    const found = await get(OpenCredential).find(await workspaceOf(), id);
    if (found.kind !== 'found' || found.credential.type !== 'oauth2') throw new Error('it was stored as oauth2');
    const { credential } = found;
    await age(id);
    // What a process has of its own: who asks for what at the moment.
    const processes = Array.from(
      { length: 5 },
      () => new RenewTokens(get(OAuthRows), get(OAuth), get(CredentialChanges), get(Logger), systemClock),
    );
    const refused = credential.data.tokens?.accessToken ?? '';
    const workspaceId = await workspaceOf();
    const renewed = await Promise.all(processes.map((one) => one.usable(workspaceId, credential, refused)));
    const tokens = renewed.map((one) =>
      one?.kind === 'found' && one.credential.type === 'oauth2' ? one.credential.data : undefined,
    );
    expect(new Set(tokens.map((data) => data?.tokens?.accessToken)).size).toBe(1);
    expect(story.oidc.tokenCalls).toEqual([{ grantType: 'authorization_code' }, { grantType: 'refresh_token' }]);
    // Neither what asks for tokens nor who asks leaves the process that does.
    expect(JSON.stringify(tokens[0])).not.toContain('refreshToken');
    expect(JSON.stringify(tokens[0])).not.toContain('clientSecret');
  });

  it('wait for the person when the provider gives no more tokens, and go on by themselves', async () => {
    const id = await store();
    await connect(id);
    await age(id);
    story.oidc.forgetGrants();
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
    const id = await store({ ...dataOf(story.oidc), grant: 'clientCredentials', scopes: ['read'] });
    const reply = await story.api.send('GET', pathOf(id));
    expect((reply.body as Problem).code).toBe('CREDENTIAL_NOT_CONNECTABLE');
    await using takesAll = await startServer((_request, response) => response.end());
    const definition = manualGraph(
      { call: { type: 'http.request', config: { method: 'GET', url: takesAll.url, credentialId: id } } },
      ['start>call'],
    );
    expect(await ended(await started(definition))).toMatchObject({ status: 'succeeded' });
    expect(takesAll.requests[0]?.headers.authorization).toMatch(/^Bearer ./);
    expect(story.oidc.tokenCalls).toEqual([{ grantType: 'client_credentials' }]);
  });

  it('are an error of the attempt while the provider is away', async () => {
    const id = await store({ ...dataOf(story.oidc), grant: 'clientCredentials', scopes: ['read'] });
    story.oidc.failTokenCalls(503);
    const retry = { maxAttempts: 20, backoff: 'fixed', initialMs: 50, maxMs: 50, jitter: false };
    const executionId = await started(calling(id, retry));
    await until('it was tried', async () => (story.oidc.tokenCalls.length > 0 ? true : undefined));
    story.oidc.failTokenCalls();
    const { nodes } = await ended(executionId);
    expect(nodes.find(({ nodeId }) => nodeId === 'call')?.attempts).toBeGreaterThan(1);
  });

  it('are an error of the attempt that waited five seconds for a provider, whose answer is for the next one', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    await using provider = await startServer((_, response) => {
      const tokens = JSON.stringify({ access_token: 'late', token_type: 'Bearer', expires_in: 3600 });
      void held.then(() => response.writeHead(200, { 'content-type': 'application/json' }).end(tokens));
    });
    await using takesAll = await startServer((_, response) => response.end());
    const { endpoints, ...data } = dataOf(story.oidc);
    const credentialId = await store({
      ...{ ...data, grant: 'clientCredentials', scopes: ['read'] },
      endpoints: { ...endpoints, tokenEndpoint: `${provider.url}/token` },
    });
    const config = { method: 'GET', url: takesAll.url, credentialId };
    const definition = manualGraph({ call: { type: 'http.request', config } }, ['start>call']);
    expect(await ended(await started(definition))).toMatchObject({
      status: 'failed',
      error: { code: 'CREDENTIAL_NOT_RENEWED' },
    });
    expect(takesAll.requests).toEqual([]);
    letGo();
    expect(await ended(await started(definition))).toMatchObject({ status: 'succeeded' });
    expect(takesAll.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer late']);
    expect(provider.requests).toHaveLength(1);
  });

  it('keep their tokens when the secret of the client is changed, and lose them with the client', async () => {
    const id = await store();
    await connect(id);
    const change = async (data: object): Promise<unknown> =>
      (await story.api.send('PATCH', `/v1/credentials/${id}`, { json: { data } })).status;
    expect(await change({ ...dataOf(story.oidc), clientSecret: 'another' })).toBe(200);
    expect(await connectionOf(id)).toMatchObject({ state: 'connected' });
    expect(await change({ ...dataOf(story.oidc), clientId: 'another' })).toBe(200);
    expect(await connectionOf(id)).toEqual({ state: 'notConnected' });
  });

  it('are given back when the credential is deleted', async () => {
    const id = await store();
    await connect(id);
    await ended(await started(calling(id)));
    const token = (story.service.requests.at(-1)?.headers.authorization ?? '').replace('Bearer ', '');
    expect(await story.oidc.isActive(token)).toBe(true);
    expect((await story.api.send('DELETE', `/v1/credentials/${id}`)).status).toBe(204);
    expect(await story.oidc.isActive(token)).toBe(false);
  });

  it('are in the audit, with who connected them', async () => {
    const id = await store();
    await connect(id);
    const entries = await until('the entry is there', async () => {
      const { body } = await story.api.send('GET', `/v1/audit?action=credential.connect&target=${id}`);
      const { items } = body as { items: readonly { actor: object }[] };
      return items.length > 0 ? items : undefined;
    });
    expect(entries[0]).toMatchObject({ target: id, actor: { type: 'user' } });
  });
});
