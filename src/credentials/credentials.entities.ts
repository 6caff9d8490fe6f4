import { defineEntity, p } from '@mikro-orm/core';
import type { IdOf, WorkspaceId } from '#libs/kernel';

export type CredentialId = IdOf<'credential'>;

/** What may be shown of the connection to an account; instants as text. */
export type Connection =
  | {
      readonly state: 'connected';
      readonly at: string;
      readonly scope: string | null;
      readonly expiresAt: string | null;
      /** Whether new access tokens can be had without a person. */
      readonly renews: boolean;
    }
  | { readonly state: 'disconnected'; readonly at: string; readonly why: string };

const StoredCredentialSchema = defineEntity({
  name: 'StoredCredential',
  tableName: 'credentials',
  properties: {
    id: p.string().$type<CredentialId>().primary(),
    workspaceId: p.string().$type<WorkspaceId>(),
    name: p.string(),
    /** Of credential-registry.ts. */
    type: p.string(),
    allowedHosts: p.array().$type<string[]>(),
    /** See SealedCredential of libs/credential-vault for this and the next two. */
    keyId: p.string(),
    wrappedKey: p.blob(),
    sealedData: p.blob(),
    /** Of an account that people connect; null before it ever was, and for other types. */
    connection: p.json().$type<Connection>().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});
export class StoredCredential extends StoredCredentialSchema.class {}
StoredCredentialSchema.setClass(StoredCredential);

/** All that a list needs: neither the secret nor its key leave the database for it. */
export const SEALED_FIELDS = ['wrappedKey', 'sealedData'] as const;

export const credentialsEntities = [StoredCredential];
