/** A provider as data: where it is asked, and how it differs from the RFCs. */
export interface OAuthProvider {
  /** `slack`, `github`, `google`, `microsoft` or `generic`. */
  readonly name: string;
  readonly title: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  /**
   * What the callback's `iss` (RFC 9207) must be; with `issuerRequired` it must be there. `{tenantid}` stands for any
   * UUID. Without an issuer, a callback that names one is refused.
   */
  readonly issuer?: string;
  readonly issuerRequired?: boolean;
  readonly scopeSeparator: ' ' | ',';
  /** How the client proves itself when it has a secret. */
  readonly clientAuthentication: 'basic' | 'post' | 'none';
  /** Absent: PKCE always. `public-clients`: only where there is no secret, for a provider that refuses both at once. */
  readonly pkce?: 'public-clients';
  /** Sent along to the authorization endpoint, e.g. `access_type=offline`; they never replace ours. */
  readonly authorizeParameters: Readonly<Record<string, string>>;
  /** Hosts that its tokens may be sent to, as `allowedHosts` of a credential. Empty: those that the credential says. */
  readonly tokenHosts: readonly string[];
  /** How tokens are revoked: RFC 7009, or the provider's own way. */
  readonly revocation: 'rfc7009' | 'github' | 'slack' | 'none';
}

/** What a person gives for a provider that is not in the list. */
export interface OAuthEndpoints {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** RFC 7009; without it, deleting a credential revokes nothing. */
  readonly revocationEndpoint?: string;
  /** Without it a callback with an `iss` is refused. */
  readonly issuer?: string;
  /** Default false. */
  readonly issuerRequired?: boolean;
  /** Default a space. */
  readonly scopeSeparator?: ' ' | ',';
  /** Default `basic`. */
  readonly clientAuthentication?: 'basic' | 'post' | 'none';
  readonly authorizeParameters?: Readonly<Record<string, string>>;
}

export interface OAuthClient {
  readonly clientId: string;
  /** Without it the client is a public one, whatever the provider says of authentication. */
  readonly clientSecret?: string;
}

export interface OAuthTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** An instant, never later than the provider's own; absent when the access token does not expire. */
  readonly expiresAt?: string;
  /** As the provider writes it. */
  readonly scope?: string;
  /** `bearer` always; other types need a proof of possession. */
  readonly tokenType: string;
}

/** What the browser is sent away with. */
export interface AuthorizationRequest {
  /** Sent and compared as it is: https, or http on loopback; no query, no fragment, no user. */
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly scopes: readonly string[];
}

/** What the browser came back with, and what we knew when it left. */
export interface Callback {
  /** As it came, with `code`, `state`, `iss`, `error`; nothing but its query is read. */
  readonly callbackUrl: URL;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeVerifier: string;
}
