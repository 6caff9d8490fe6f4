import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer } from '#libs/outbound-http/testing';
import { genericProvider, OAuth, OAuthError, type OAuthProvider } from './index.ts';

const client = { clientId: 'c', clientSecret: 'canary s/+&' };
const tokens = { accessToken: 'canary-access', refreshToken: 'canary/refresh=', tokenType: 'bearer' };
const redirectUri = 'https://millrace.example/callback';
const callback = {
  callbackUrl: new URL(`${redirectUri}?code=canary%2Fcode&state=s`),
  redirectUri,
  state: 's',
  codeVerifier: `canary-verifier-${'v'.repeat(40)}`,
};
const clock = { nowMs: () => 0 };

/** What a provider does with a request, and with an echo of it. */
type Answer = (echo: string) => (to: ServerResponse) => void;

const ANSWERS: Readonly<Record<string, Answer>> = {
  'an error that repeats the request': (echo) => (to) =>
    to
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: 'invalid_request', error_description: `you sent ${echo}` })),
  'an error named by the request': (echo) => (to) => to.end(JSON.stringify({ error: echo })),
  'an error that is a secret': (echo) => (to) =>
    to.end(JSON.stringify({ error: /canary-[\w-]+/.exec(echo)?.[0] ?? 'invalid_request' })),
  'tokens of another type': () => (to) => to.end('{"access_token": "canary-new", "token_type": "mac"}'),
  'tokens that can not be used': () => (to) => to.end('{"access_token": "canary-new\\n", "refresh_token": ["canary"]}'),
  'JSON that breaks off': () => (to) => to.end('{"access_token": "canary-new"'),
  'a page that repeats the request': (echo) => (to) => to.writeHead(500).end(echo),
  'a challenge that repeats the request': (echo) => (to) =>
    to.writeHead(401, { 'www-authenticate': `Basic realm="${encodeURIComponent(echo)}"` }).end(),
  'a redirect that repeats the request': (echo) => (to) =>
    to.writeHead(302, { location: `/x?${encodeURIComponent(echo)}` }).end(),
  'what is not HTTP': (echo) => (to) => void to.socket?.end(`HTTP/9.9 canary ${echo}\r\n\r\n`),
  'half an answer': (echo) => (to) => {
    to.writeHead(200, { 'content-length': '1000' });
    to.write(echo, () => to.socket?.destroy());
  },
};

describe('errors hold no secret', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const oauth = new OAuth({ http, clock });
  afterAll(() => http[Symbol.asyncDispose]());

  const calls: readonly [string, (provider: OAuthProvider) => Promise<unknown>][] = [
    ['exchangeCode', (provider) => oauth.exchangeCode(provider, client, callback)],
    ['refresh', (provider) => oauth.refresh(provider, client, tokens)],
    ['clientCredentials', (provider) => oauth.clientCredentials(provider, client, [])],
    ['revoke', (provider) => oauth.revoke({ ...provider, revocation: 'rfc7009' }, client, tokens)],
    ['revoke at GitHub', (provider) => oauth.revoke({ ...provider, revocation: 'github' }, client, tokens)],
    ['revoke at Slack', (provider) => oauth.revoke({ ...provider, revocation: 'slack' }, client, tokens)],
  ];
  const cases = Object.keys(ANSWERS).flatMap((answer) =>
    (['basic', 'post'] as const).flatMap((proof) => calls.map(([name, call]) => ({ answer, proof, name, call }))),
  );
  // Whoever revokes does not read what comes with status 200.
  const failing = cases.filter(({ answer, name }) => !(name.startsWith('revoke') && /^(tokens|JSON)/.test(answer)));

  it.each(failing)('$name ($proof), answered with $answer', async ({ answer, proof, call }) => {
    await using server = await startServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => ANSWERS[answer]!(everyForm(body, request.headers.authorization))(response));
    });
    const provider = genericProvider({
      authorizationEndpoint: `${server.url}/auth`,
      tokenEndpoint: `${server.url}/token`,
      revocationEndpoint: `${server.url}/revoke`,
      clientAuthentication: proof,
    });
    const error = await call(provider).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).not.toHaveProperty('cause');
    const told = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
    for (const secret of ['canary', ...encodings(client.clientSecret)])
      expect(withoutStack(told)).not.toContain(secret);
  });

  it('nor do those of a callback', async () => {
    const provider = genericProvider({
      authorizationEndpoint: 'https://a.example',
      tokenEndpoint: 'https://a.example',
    });
    const callbackUrl = new URL(`${redirectUri}?code=canary&state=canary&error=canary%20x&error_description=canary`);
    for (const state of ['s', 'canary']) {
      const refused = oauth.exchangeCode(provider, client, { ...callback, callbackUrl, state });
      const error = await refused.catch((thrown: unknown) => thrown);
      expect(withoutStack(inspect(error, { depth: 10 }))).not.toContain('canary');
    }
  });
});

/** The request as a provider might repeat it: as it came, decoded, and the proof of the client decoded as well. */
function everyForm(body: string, authorization = ''): string {
  const proof = Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString();
  return [body, ...new URLSearchParams(body).values(), decodeURIComponent(body), authorization, proof].join(' ');
}

function encodings(secret: string): readonly string[] {
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const proof = Buffer.from(`${client.clientId}:${form}`).toString('base64');
  return [secret, form, encodeURIComponent(secret), proof];
}

/** The name of this file is in the stack. */
function withoutStack(text: string): string {
  return text.replaceAll(/canary\.spec\.ts/g, '');
}
