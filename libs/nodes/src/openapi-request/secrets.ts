import { isHostAllowed } from '#libs/credential-types';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { credentialPlaceIn, needsCredential, type CredentialPlace, type Operation } from '#libs/openapi-documents';
import type { SecretHeaders } from '#libs/outbound-http';
import { headersOf, signInWith, type HttpCredential, type SignIn } from '../http-request/sign-in.ts';
import { credentialUnfit } from './failures.ts';

/** What only the hosts of a credential may see. */
export interface Secrets {
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value`, encoded. */
  readonly query?: string;
  /** Likewise; beside cookies that are no secret. */
  readonly cookie?: string;
  readonly mayBeSentTo: SecretHeaders['mayBeSentTo'];
}

/** Of whoever calls it; undefined where the call needs nobody. Rejects with NodeError `OPENAPI_CREDENTIAL_UNFIT`, and as `AttemptContext.credential` does. */
export async function signInFor(
  operation: Operation,
  credentialId: string | undefined,
  attempt: AttemptContext,
): Promise<SignIn | undefined> {
  if (credentialId === undefined) {
    if (needsCredential(operation.security)) throw credentialUnfit(operation, 'a call without a credential');
    return undefined;
  }
  try {
    return await signInWith(credentialId, attempt);
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'CREDENTIAL_WRONG_TYPE') throw error;
    throw credentialUnfit(operation, 'a credential of the type that is given');
  }
}

/** Throws NodeError `OPENAPI_CREDENTIAL_UNFIT`. */
export function secretsOf(operation: Operation, credential: HttpCredential): Secrets {
  const place = credentialPlaceIn(operation.security, credential);
  if (!place) throw credentialUnfit(operation, describe(credential));
  const mayBeSentTo = (host: string): boolean => isHostAllowed(host, credential.allowedHosts);
  return { ...secretsAt(place, credential), mayBeSentTo };
}

/** A key says which, since its name may be what does not fit. */
function describe(credential: HttpCredential): string {
  const named = credential.type === 'http.header' ? ` named ${JSON.stringify(credential.data.name)}` : '';
  return `${credential.type}${named}`;
}

function secretsAt(place: CredentialPlace, credential: HttpCredential): Omit<Secrets, 'mayBeSentTo'> {
  if (place.kind === 'asItIs') return { headers: headersOf(credential) };
  const value = credential.type === 'http.header' ? credential.data.value : '';
  const pair = `${encodeURIComponent(place.name)}=${encodeURIComponent(value)}`;
  return { headers: {}, [place.kind]: pair };
}
