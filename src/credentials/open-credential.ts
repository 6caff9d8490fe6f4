import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { typedData } from '#libs/credential-types';
import { CredentialVault } from '#libs/credential-vault';
import type { CredentialSource, FoundCredential } from '#libs/execution-runtime';
import { MillraceError, tryParseId, type WorkspaceId } from '#libs/kernel';
import { StoredCredential } from './credentials.entities.ts';

/** The one place where a stored credential is opened: by id, and only in its workspace. */
@Injectable()
export class OpenCredential implements CredentialSource {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
  ) {}

  async find(workspaceId: string, credentialId: string): Promise<FoundCredential> {
    // What is not shaped like an id (Postgres would refuse some of it) names nothing.
    const id = tryParseId('credential', credentialId);
    const where = { id, workspaceId: workspaceId as WorkspaceId };
    const row = id && (await this.em.fork().findOne(StoredCredential, { ...where, id }));
    return row ? this.#opened(row) : { kind: 'absent' };
  }

  #opened(row: StoredCredential): FoundCredential {
    const { id, type, allowedHosts, workspaceId } = row;
    try {
      const data: unknown = JSON.parse(this.vault.open({ workspaceId, credentialId: id }, row));
      const parsed = typedData.safeParse({ type, data });
      if (parsed.success) return { kind: 'found', credential: { ...parsed.data, id, allowedHosts } };
      return {
        kind: 'unreadable',
        why: `the data of the credential ${id} is not as its type wants it now; store it again`,
      };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return { kind: 'unreadable', why: error.message };
    }
  }
}
