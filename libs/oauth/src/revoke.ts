import { customFetch, tokenRevocation } from 'openid-client';
import { askProvider, type OAuthRequests, type ProviderRequest } from './ask-provider.ts';
import { basicOf, configurationOf } from './configuration.ts';
import { OAuthError } from './errors.ts';
import { bodyText, throughLibrary } from './through-library.ts';
import type { OAuthClient, OAuthProvider, OAuthTokens } from './types.ts';

/** What there is to revoke, and at whom. */
interface Revocation {
  readonly requests: OAuthRequests;
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  readonly tokens: OAuthTokens;
  readonly endpoint: string;
  readonly secrets: readonly string[];
}

type Revoke = (revocation: Revocation) => Promise<void>;

const REVOKERS: Readonly<Record<Exclude<OAuthProvider['revocation'], 'none'>, Revoke>> = {
  rfc7009: revokeByRfc,
  github: revokeAtGithub,
  slack: revokeAtSlack,
};

/** What providers say of a token that is no token any more, which is what was wanted. */
const GONE: readonly (string | undefined)[] = [
  'invalid_token',
  'invalid_grant',
  'token_revoked',
  'token_expired',
  'invalid_auth',
  'account_inactive',
];

export async function revokeTokens(revocation: Omit<Revocation, 'endpoint'>): Promise<void> {
  const { revocation: way, revocationEndpoint: endpoint } = revocation.provider;
  if (way === 'none' || endpoint === undefined) return;
  try {
    await REVOKERS[way]({ ...revocation, endpoint });
  } catch (error) {
    if (!(error instanceof OAuthError) || !GONE.includes(error.providerError)) throw error;
  }
}

/** The refresh token first: with it the access token goes too at most providers, but not at all. */
async function revokeByRfc({ requests, provider, client, tokens, secrets }: Revocation): Promise<void> {
  const configuration = configurationOf(provider, client);
  configuration[customFetch] = async (url, { method, headers, body }) => {
    accepted(await askProvider(requests, { method, url, headers, body: bodyText(body), secrets }));
    return new Response();
  };
  const { refreshToken, accessToken } = tokens;
  const revoked = async (token: string, hint: string): Promise<void> =>
    throughLibrary(() => tokenRevocation(configuration, token, { token_type_hint: hint }));
  // What is said of one is not said of the other.
  const first = refreshToken === undefined ? undefined : await failureOf(revoked(refreshToken, 'refresh_token'));
  await revoked(accessToken, 'access_token');
  if (first) throw first;
}

async function failureOf(work: Promise<void>): Promise<OAuthError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

/** The whole grant: GitHub has no other way to revoke a refresh token. */
async function revokeAtGithub({ requests, client, tokens, endpoint, secrets }: Revocation): Promise<void> {
  const request: ProviderRequest = {
    method: 'DELETE',
    url: endpoint.replace('{client_id}', encodeURIComponent(client.clientId)),
    headers: {
      accept: 'application/vnd.github+json',
      authorization: basicOf(client.clientId, client.clientSecret ?? ''),
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    body: JSON.stringify({ access_token: tokens.accessToken }),
    secrets,
  };
  const answer = await askProvider(requests, request);
  if (answer.status !== 404) accepted(answer);
}

async function revokeAtSlack({ requests, tokens, endpoint, secrets }: Revocation): Promise<void> {
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  accepted(await askProvider(requests, { method: 'POST', url: endpoint, headers, secrets }));
}

function accepted({ status }: { readonly status: number }): void {
  if (status >= 300) throw new OAuthError('PROVIDER_REFUSED', `the provider did not revoke: status ${status}`);
}
