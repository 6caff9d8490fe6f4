import { MillraceError, type JsonObject } from '#libs/kernel';
import type { CredentialView } from './credentials.dto.ts';
import type { StoredCredential } from './credentials.entities.ts';

type Shown = Pick<StoredCredential, 'id' | 'name' | 'type' | 'allowedHosts' | 'connection' | 'createdAt' | 'updatedAt'>;

export function credentialViewOf({ createdAt, updatedAt, connection, ...shown }: Shown): CredentialView {
  const { id, name, type, allowedHosts } = shown;
  const connected = type === 'oauth2' ? { connection: connection ?? { state: 'notConnected' as const } } : {};
  const instants = { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
  return { id, name, type, allowedHosts, ...connected, ...instants };
}

/** For the audit: never the data. */
export function credentialSummary({ name, type, allowedHosts }: CredentialView): JsonObject {
  return { name, type, allowedHosts };
}

export function credentialNotFound(id: string): MillraceError {
  return new MillraceError('notFound', 'CREDENTIAL_NOT_FOUND', `there is no credential ${id}`);
}
