import { oauth2Data } from '#libs/credential-types';
import { problemsOfEndpoints } from '#libs/oauth';

/** What is wrong with an OAuth client beyond its shape, by path within the credential. None for other types of data. */
export function oauthIssuesOf({ type, data }: { readonly type: string; readonly data: unknown }) {
  const endpoints = type === 'oauth2' ? oauth2Data.safeParse(data).data?.endpoints : undefined;
  if (!endpoints) return [];
  const { authorizationEndpoint = endpoints.tokenEndpoint } = endpoints;
  return problemsOfEndpoints({ ...endpoints, authorizationEndpoint }).map(({ path, message }) => ({
    path: ['data', 'endpoints', path],
    message,
  }));
}
