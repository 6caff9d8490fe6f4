import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CredentialVault } from '#libs/credential-vault';
import { MillraceError, type Clock, type IdSource, type WorkspaceId } from '#libs/kernel';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { credentialViewOf } from './credential-view.ts';
import type { CreateCredentialBody, CredentialView } from './credentials.dto.ts';
import { StoredCredential } from './credentials.entities.ts';

export const MAX_CREDENTIALS = 1_000;

@Injectable()
export class CreateCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `CREDENTIAL_LIMIT_REACHED`. */
  async execute(workspaceId: WorkspaceId, body: CreateCredentialBody): Promise<CredentialView> {
    const { name, type, data } = body;
    const id = this.ids.newId('credential');
    const now = new Date(this.clock.nowMs());
    const row = {
      id,
      workspaceId,
      name,
      type,
      allowedHosts: 'allowedHosts' in body ? body.allowedHosts : [],
      ...this.vault.seal({ workspaceId, credentialId: id }, JSON.stringify(data)),
      createdAt: now,
      updatedAt: now,
    };
    await this.em.transactional(async (em) => {
      // Of several at once each sees those before it.
      await em.execute('select from workspaces where id = ? for no key update', [workspaceId]);
      if ((await em.count(StoredCredential, { workspaceId })) >= MAX_CREDENTIALS) throw limitReached();
      await em.insert(StoredCredential, row);
    });
    return credentialViewOf(row);
  }
}

function limitReached(): MillraceError {
  return new MillraceError(
    'refused',
    'CREDENTIAL_LIMIT_REACHED',
    `a workspace has at most ${MAX_CREDENTIALS} credentials; delete one that nothing uses any more`,
  );
}
