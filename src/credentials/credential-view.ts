import { MillraceError, type JsonObject } from '#libs/kernel';
import type { CredentialView } from './credentials.dto.ts';
import type { StoredCredential } from './credentials.entities.ts';

type Shown = Pick<StoredCredential, 'id' | 'name' | 'type' | 'allowedHosts' | 'createdAt' | 'updatedAt'>;

export function credentialViewOf({ id, name, type, allowedHosts, createdAt, updatedAt }: Shown): CredentialView {
  return { id, name, type, allowedHosts, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

/** For the audit: never the data. */
export function credentialSummary({ name, type, allowedHosts }: CredentialView): JsonObject {
  return { name, type, allowedHosts };
}

export function credentialNotFound(id: string): MillraceError {
  return new MillraceError('notFound', 'CREDENTIAL_NOT_FOUND', `there is no credential ${id}`);
}
