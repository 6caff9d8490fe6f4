import { isHostAllowed, type Credential } from '#libs/credential-types';
import { assertNever } from '#libs/kernel';
import type { AttemptContext } from '#libs/node-kit';
import type { SecretHeaders } from '#libs/outbound-http';

export const HTTP_TYPES = ['http.basic', 'http.bearer', 'http.header'] as const;
export type HttpCredential = Credential<(typeof HTTP_TYPES)[number]>;

/** The headers that the credential stands for, for the hosts that it is bound to. Rejects as `AttemptContext.credential` does. */
export async function secretHeadersOf(credentialId: string, attempt: AttemptContext): Promise<SecretHeaders> {
  const credential = await attempt.credential(credentialId, HTTP_TYPES);
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
