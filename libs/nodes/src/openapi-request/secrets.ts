import { isHostAllowed } from '#libs/credential-types';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { credentialPlaceIn, needsCredential, type CredentialPlace, type Operation } from '#libs/openapi-documents';
import type { SecretHeaders } from '#libs/outbound-http';
import { headersOf, HTTP_TYPES, type HttpCredential } from '../http-request/secret-headers.ts';
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

/** Rejects with NodeError `OPENAPI_CREDENTIAL_UNFIT`, and as `AttemptContext.credential` does. */
export async function secretsFor(
  operation: Operation,
  credentialId: string | undefined,
  attempt: AttemptContext,
): Promise<Secrets | undefined> {
  if (credentialId === undefined) {
    if (needsCredential(operation.security)) throw credentialUnfit(operation, 'a call without a credential');
    return undefined;
  }
  const credential = await credentialOf(operation, credentialId, attempt);
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

async function credentialOf(operation: Operation, id: string, attempt: AttemptContext): Promise<HttpCredential> {
  try {
    return await attempt.credential(id, HTTP_TYPES);
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'CREDENTIAL_WRONG_TYPE') throw error;
    throw credentialUnfit(operation, 'a credential of the type that is given');
  }
}

function secretsAt(place: CredentialPlace, credential: HttpCredential): Omit<Secrets, 'mayBeSentTo'> {
  if (place.kind === 'asItIs') return { headers: headersOf(credential) };
  const value = credential.type === 'http.header' ? credential.data.value : '';
  const pair = `${encodeURIComponent(place.name)}=${encodeURIComponent(value)}`;
  return { headers: {}, [place.kind]: pair };
}
