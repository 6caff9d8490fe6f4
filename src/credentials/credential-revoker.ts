import type { Credential } from '#libs/credential-types';

/** Gives back what a service gave for a credential that is deleted. */
export abstract class CredentialRevoker {
  /** Never rejects: the credential is gone here, whatever the service says. */
  abstract revoke(credential: Credential): Promise<void>;
}
