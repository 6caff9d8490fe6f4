import { startOidcProvider, walkAuthorization } from '#libs/oauth/testing';
import { Api } from '../support/api.ts';
import { oauthStory, type Problem } from '../support/oauth-story.ts';

/** What RFC 9700 warns of, against a real provider. */
describe('connecting an account refuses', () => {
  const story = oauthStory();
  const { store, connectionOf, pathOf, begin, callBack, problemOf, dataOf } = story;

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
    expect(story.oidc.tokenCalls).toHaveLength(1);
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
    await using other = await startOidcProvider({ redirectUris: [story.redirectUri] });
    const id = await store();
    const { location, cookie } = await begin(id);
    const callback = await walkAuthorization(location);
    callback.searchParams.set('iss', other.issuer);
    expect(await problemOf(await callBack(callback, cookie))).toEqual([400, 'OAUTH_ISSUER_MISMATCH']);
    expect([story.oidc.tokenCalls, other.tokenCalls, await connectionOf(id)]).toEqual([
      [],
      [],
      { state: 'notConnected' },
    ]);
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

  it('by a page, where a person reads it', async () => {
    const link = `${story.millrace.url}/v1/oauth/start/${'a'.repeat(43)}`;
    const callback = `${story.redirectUri}?state=${'a'.repeat(43)}&code=1&iss=x`;
    for (const [address, status, code] of [
      [link, 404, 'OAUTH_LINK_NOT_FOUND'],
      [callback, 400, 'OAUTH_STATE_UNKNOWN'],
    ] as const) {
      const page = await fetch(address, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
      expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(await page.text()).toMatch(new RegExp(`<h1>That did not work</h1>[^]*${code}`));
    }
  });

  it.each(['//evil.example', '/\\evil.example', 'https:evil.example', 'https://evil.example/', 'javascript:alert(1)'])(
    'to send a browser to %s',
    async (returnTo) => {
      const reply = await story.api.send('GET', pathOf(await store(), returnTo));
      expect([reply.status, (reply.body as Problem).code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );

  it('other credentials, workspaces and providers', async () => {
    const id = await store();
    const other = await Api.register(story.millrace.url);
    const bearer = { name: 'x', type: 'http.bearer', data: { token: 'abc' } };
    const { body } = await story.api.send('POST', '/v1/credentials', { json: bearer });
    const codeOf = async (as: Api, path: string) => {
      const reply = await as.send('GET', path);
      return [reply.status, (reply.body as Problem).code];
    };
    expect(await codeOf(other, pathOf(id))).toEqual([404, 'CREDENTIAL_NOT_FOUND']);
    expect(await codeOf(story.api, pathOf((body as { id: string }).id))).toEqual([422, 'CREDENTIAL_NOT_CONNECTABLE']);
    expect(await codeOf(story.api, pathOf(id).replace('generic', 'github'))).toEqual([
      422,
      'CREDENTIAL_NOT_CONNECTABLE',
    ]);
    expect(await codeOf(story.api, pathOf(id).replace('generic', 'nobody'))).toEqual([400, 'INVALID_REQUEST']);
    expect((await fetch(`${story.millrace.url}${pathOf(id)}`, { redirect: 'manual' })).status).toBe(401);
  });

  it('a form of another page, which would skip the question', async () => {
    const reply = await story.api.send('GET', pathOf(await store()), { headers: { accept: 'application/json' } });
    const { url } = reply.body as { url: string };
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(url, { method: 'POST', redirect: 'manual', headers });
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }])
      expect(await problemOf(await post(headers))).toEqual([403, 'OAUTH_OTHER_SITE']);
    expect((await post({ origin: story.millrace.url })).status).toBe(303);
  });

  it('to show the code to a client that was changed meanwhile', async () => {
    await using other = await startOidcProvider({ redirectUris: [story.redirectUri] });
    const id = await store();
    const { location, cookie } = await begin(id);
    const callback = await walkAuthorization(location);
    const { endpoints } = dataOf(story.oidc);
    const data = { ...dataOf(story.oidc), endpoints: { ...endpoints, tokenEndpoint: other.provider.tokenEndpoint } };
    expect((await story.api.send('PATCH', `/v1/credentials/${id}`, { json: { data } })).status).toBe(200);
    expect(await problemOf(await callBack(callback, cookie))).toEqual([409, 'OAUTH_CLIENT_CHANGED']);
    expect([story.oidc.tokenCalls, other.tokenCalls]).toEqual([[], []]);
  });

  it('to send tokens to hosts that whoever changes the credential thinks of', async () => {
    const data = { provider: 'github', clientId: 'a', clientSecret: 'b' };
    const id = await store(data);
    const change = async (json: object) => (await story.api.send('PATCH', `/v1/credentials/${id}`, { json })).status;
    expect(await change({ allowedHosts: ['evil.example'] })).toBe(422);
    expect(await change({ allowedHosts: ['api.github.com'] })).toBe(200);
    expect(await change({ allowedHosts: [] })).toBe(422);
  });
});
