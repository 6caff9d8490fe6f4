export type { OAuthRequests } from './ask-provider.ts';
export { authorizationUrl } from './authorization-url.ts';
export { OAuthError, type OAuthErrorCode, type OAuthErrorOptions } from './errors.ts';
export { genericProvider, problemsOfEndpoints } from './generic-provider.ts';
export { OAuth } from './oauth.ts';
export { pkceVerifierOf } from './pkce.ts';
export { OAUTH_PROVIDERS } from './providers.ts';
export type {
  AuthorizationRequest,
  Callback,
  OAuthClient,
  OAuthEndpoints,
  OAuthProvider,
  OAuthTokens,
} from './types.ts';
