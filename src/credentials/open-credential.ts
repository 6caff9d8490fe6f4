import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { CredentialVault } from '#libs/credential-vault';
import type { OpenedCredential } from '#libs/execution-runtime';
import { MillraceError, tryParseId, type WorkspaceId } from '#libs/kernel';
import { typedCredential } from './credential-registry.ts';
import { StoredCredential } from './credentials.entities.ts';

/** The one place where a stored credential is opened: by id, and only in its workspace. */
@Injectable()
export class OpenCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
  ) {}

  async find(workspaceId: string, credentialId: string): Promise<OpenedCredential> {
    // What is not shaped like an id (Postgres would refuse some of it) names nothing.
    const id = tryParseId('credential', credentialId);
    const where = { id, workspaceId: workspaceId as WorkspaceId };
    const row = id && (await this.em.fork().findOne(StoredCredential, { ...where, id }));
    return row ? this.opened(row) : { kind: 'absent' };
  }

  opened(row: StoredCredential): OpenedCredential {
    const { id, type, allowedHosts, workspaceId } = row;
    try {
      const data: unknown = JSON.parse(this.vault.open({ workspaceId, credentialId: id }, row));
      const found = typedCredential({ id, type, data, allowedHosts });
      if (found) return found;
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
