export { CredentialVault, type CredentialPlace, type SealedCredential, type WrappingKey } from './credential-vault.ts';
