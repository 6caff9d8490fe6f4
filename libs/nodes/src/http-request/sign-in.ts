import { isHostAllowed, type Credential } from '#libs/credential-types';
import { assertNever } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import type { OutboundResponse, SecretHeaders } from '#libs/outbound-http';

/** How a call is signed. */
export type HttpCredential = Credential<'http.basic' | 'http.bearer' | 'http.header'>;

export interface SignIn {
  readonly credential: HttpCredential;
  /** With another access token; absent where there is none to be had. */
  readonly renewed?: () => Promise<HttpCredential>;
}

/** The access token of an account is sent as a bearer token is. Rejects as `AttemptContext.credential` does. */
export async function signInWith(credentialId: string, attempt: AttemptContext): Promise<SignIn> {
  const credential = await attempt.credential(credentialId, ['http.basic', 'http.bearer', 'http.header', 'oauth2']);
  if (credential.type !== 'oauth2') return { credential };
  return { credential: bearerOf(credential), renewed: async () => bearerOf(await attempt.renewed(credential)) };
}

/**
 * Calls, and once more when the answer was that the access token is not good any more. An answer of somewhere else, to
 * which a redirect led without the token, says nothing of it.
 */
export async function callSigned<Request extends { readonly url: string }>(
  signIn: SignIn | undefined,
  requestWith: (credential: HttpCredential | undefined) => Request,
  send: (request: Request) => Promise<OutboundResponse>,
): Promise<OutboundResponse> {
  const request = requestWith(signIn?.credential);
  const response = await send(request);
  const isRefused = response.status === 401 && URL.parse(response.url)?.origin === URL.parse(request.url)?.origin;
  return isRefused && signIn?.renewed ? send(requestWith(await signIn.renewed())) : response;
}

/** The headers that the credential stands for, for the hosts that it is bound to. */
export function secretHeadersOf(credential: HttpCredential): SecretHeaders {
  return {
    headers: headersOf(credential),
    mayBeSentTo: (host) => isHostAllowed(host, credential.allowedHosts),
  };
}

/** As its type sends it. */
export function headersOf(credential: HttpCredential): Readonly<Record<string, string>> {
  switch (credential.type) {
    case 'http.basic': {
      const { username, password } = credential.data;
      return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    }
    case 'http.bearer':
      return { authorization: `Bearer ${credential.data.token}` };
    case 'http.header':
      return { [credential.data.name]: credential.data.value };
    default:
      return assertNever(credential);
  }
}

function bearerOf({ id, allowedHosts, data }: Credential<'oauth2'>): Credential<'http.bearer'> {
  const token = data.tokens?.accessToken;
  if (token === undefined)
    throw new NodeError('CREDENTIAL_NOT_RENEWED', `the account of ${id} is not connected`, { retryable: false });
  return { id, type: 'http.bearer', data: { token }, allowedHosts };
}
