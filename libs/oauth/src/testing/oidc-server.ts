import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Context, type Grant } from 'oidc-provider';
import { genericProvider } from '../generic-provider.ts';
import type { OAuthClient, OAuthProvider } from '../types.ts';
import { MemoryAdapter } from './memory-adapter.ts';

export interface OidcServerOptions {
  /** Of the one client that it knows, compared letter by letter. */
  readonly redirectUris: readonly string[];
  /** Each refresh brings a new refresh token, and the second use of an old one ends the grant. Default true. */
  readonly rotateRefreshTokens?: boolean;
  /** Life of an access token. Default 3,600. */
  readonly accessTokenSeconds?: number;
  /** Default `basic`. */
  readonly clientAuthentication?: 'basic' | 'post' | 'none';
}

export interface TokenCall {
  /** e.g. `refresh_token`; empty when the call was failed on purpose. */
  readonly grantType: string;
  /** The error of OAuth 2 it was answered with, or the status of a call that was failed on purpose. */
  readonly error?: string;
}

/** A real provider on loopback and a free port: PKCE required, `iss` in callbacks, revocation, rotation. */
export interface OidcServer extends AsyncDisposable {
  readonly issuer: string;
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  /** Calls of the token endpoint, oldest first, once they are answered. */
  readonly tokenCalls: readonly TokenCall[];
  /** Answers token calls with a status alone, until it is called without one. */
  failTokenCalls(status?: number): void;
  /** Takes all access away that people gave, as they would at the provider's own page. */
  forgetGrants(): void;
  /** Whether the access token of a person is still good. */
  isActive(accessToken: string): Promise<boolean>;
}

/** Scopes of its own: `read` and `write`. People log in and consent by themselves; `walkAuthorization` is the browser. */
export async function startOidcProvider(options: OidcServerOptions): Promise<OidcServer> {
  const client = {
    clientId: 'client-1.test_app',
    ...(options.clientAuthentication === 'none' ? {} : { clientSecret: 'canary secret/+:%of the client' }),
  };
  const entries = new Map<string, object>();
  const tokenCalls: TokenCall[] = [];
  let failWith: number | undefined;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    ...configurationOf(client, options),
    adapter: (kind: string) => new MemoryAdapter(kind, entries),
  });
  provider.on('grant.success', ({ oidc }) => tokenCalls.push({ grantType: oidc.params?.grant_type ?? '' }));
  provider.on('grant.error', ({ oidc }, { error }) =>
    tokenCalls.push({ grantType: oidc.params?.grant_type ?? '', error }),
  );
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/token' && failWith !== undefined) {
      tokenCalls.push({ grantType: '', error: String(failWith) });
      response.writeHead(failWith, { 'retry-after': '7' }).end('<html>not now</html>');
    } else if (request.url?.startsWith('/interaction/') === true) void decide(provider, request, response);
    else answer(request, response);
  });
  return {
    issuer,
    client,
    provider: genericProvider({
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      revocationEndpoint: `${issuer}/token/revocation`,
      issuer,
      issuerRequired: true,
      clientAuthentication: options.clientAuthentication ?? 'basic',
    }),
    tokenCalls,
    failTokenCalls: (status) => (failWith = status),
    forgetGrants: () => entries.clear(),
    isActive: async (accessToken) => (await provider.AccessToken.find(accessToken)) !== undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The person says yes, or no where the browser was told so. */
async function decide(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const result = request.url?.endsWith('?refuse')
    ? { error: 'access_denied', error_description: '<b>no</b>' }
    : { login: { accountId: 'person-1' } };
  await provider.interactionFinished(request, response, result);
}

function configurationOf(client: OAuthClient, options: OidcServerOptions): Readonly<Record<string, unknown>> {
  const seconds = options.accessTokenSeconds ?? 3_600;
  const authentication = options.clientAuthentication ?? 'basic';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: options.redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token', ...(client.clientSecret ? ['client_credentials'] : [])],
        token_endpoint_auth_method: authentication === 'none' ? 'none' : `client_secret_${authentication}`,
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
    cookies: { keys: ['cookies of a test'] },
    scopes: ['read', 'write'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      rpInitiatedLogout: { enabled: false },
    },
    findAccount: (_context: Context, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context: Context, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    loadExistingGrant: grantAll,
    renderError: (context: { body: string }, out: object) => (context.body = JSON.stringify(out)),
    rotateRefreshToken: () => options.rotateRefreshTokens ?? true,
    ttl: {
      AccessToken: seconds,
      AuthorizationCode: 60,
      ClientCredentials: seconds,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 600,
    },
  };
}

/** What a page of consent would do. */
async function grantAll({ oidc }: Context): Promise<Grant | undefined> {
  const { accountId } = oidc.session;
  if (accountId === undefined) return undefined;
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
  grant.addOIDCScope(oidc.params?.scope ?? '');
  await grant.save();
  return grant;
}
