/** Hears of each change, for those who keep what they read of credentials. */
export abstract class CredentialChanges {
  /** The credential was changed or deleted. */
  abstract announce(workspaceId: string, credentialId: string): void;
}
