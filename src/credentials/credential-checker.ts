import type { Credential } from '#libs/credential-types';

/** Whether a credential gets in where it is for, found out by signing in and nothing more. */
export type CredentialCheck =
  | { readonly ok: true; /** Whether the connection was encrypted. */ readonly encrypted: boolean }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What tries credentials. */
export abstract class CredentialChecker {
  /** Undefined for a type that nothing can be tried with before a node uses it. */
  abstract check(credential: Credential): Promise<CredentialCheck | undefined>;
}
