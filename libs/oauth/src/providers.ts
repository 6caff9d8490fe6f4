import type { OAuthProvider } from './types.ts';

/** docs.slack.dev, "Installing with OAuth", "oauth.v2.access", "Using token rotation" and "auth.revoke". */
const slack: OAuthProvider = {
  name: 'slack',
  title: 'Slack',
  authorizationEndpoint: 'https://slack.com/oauth/v2/authorize',
  tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
  revocationEndpoint: 'https://slack.com/api/auth.revoke',
  issuer: 'https://slack.com',
  scopeSeparator: ',',
  clientAuthentication: 'basic',
  pkce: 'public-clients',
  authorizeParameters: {},
  tokenHosts: ['slack.com', 'files.slack.com'],
  revocation: 'slack',
};

/** docs.github.com, "Authorizing OAuth apps", "GitHub authentication discovery endpoints" and "Delete an app authorization". */
const github: OAuthProvider = {
  name: 'github',
  title: 'GitHub',
  authorizationEndpoint: 'https://github.com/login/oauth/authorize',
  tokenEndpoint: 'https://github.com/login/oauth/access_token',
  revocationEndpoint: 'https://api.github.com/applications/{client_id}/grant',
  issuer: 'https://github.com/login/oauth',
  scopeSeparator: ' ',
  clientAuthentication: 'post',
  authorizeParameters: {},
  tokenHosts: ['api.github.com', 'uploads.github.com'],
  revocation: 'github',
};

/** developers.google.com, "Using OAuth 2.0 for Web Server Applications" and its discovery document. */
const google: OAuthProvider = {
  name: 'google',
  title: 'Google',
  authorizationEndpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenEndpoint: 'https://oauth2.googleapis.com/token',
  revocationEndpoint: 'https://oauth2.googleapis.com/revoke',
  issuer: 'https://accounts.google.com',
  scopeSeparator: ' ',
  clientAuthentication: 'post',
  // Without consent asked anew, only the first time a person connects brings a refresh token.
  authorizeParameters: { access_type: 'offline', prompt: 'consent' },
  tokenHosts: ['*.googleapis.com'],
  revocation: 'rfc7009',
};

/**
 * learn.microsoft.com, "Microsoft identity platform and OAuth 2.0 authorization code flow". For accounts of any tenant;
 * an application of one tenant needs that tenant's endpoints. It gives a refresh token for the scope `offline_access`.
 */
const microsoft: OAuthProvider = {
  name: 'microsoft',
  title: 'Microsoft',
  authorizationEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
  scopeSeparator: ' ',
  clientAuthentication: 'post',
  authorizeParameters: { response_mode: 'query' },
  tokenHosts: ['graph.microsoft.com'],
  revocation: 'none',
};

export const OAUTH_PROVIDERS: readonly OAuthProvider[] = [slack, github, google, microsoft];
