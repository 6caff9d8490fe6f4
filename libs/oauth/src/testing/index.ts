export { startOidcProvider, type OidcServer, type OidcServerOptions, type TokenCall } from './oidc-server.ts';
export { walkAuthorization } from './walk-authorization.ts';
