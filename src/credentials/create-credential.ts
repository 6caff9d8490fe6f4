import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CredentialVault } from '#libs/credential-vault';
import { MillraceError, type Clock, type WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';
import { invalidRequest } from '../platform/http/request-schema.ts';
import { CLOCK } from '../platform/tokens.ts';
import { credentialSummary, credentialViewOf } from './credential-view.ts';
import type { CreateCredentialBody, CredentialView } from './credentials.dto.ts';
import { oauthIssuesOf } from './oauth-problems.ts';
import { SEALED_FIELDS, StoredCredential, type CredentialId } from './credentials.entities.ts';

export const MAX_CREDENTIALS = 1_000;

@Injectable()
export class CreateCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Under an id that is there already, because the same request came before, nothing is stored. Throws `CREDENTIAL_LIMIT_REACHED`. */
  async execute(workspaceId: WorkspaceId, id: CredentialId, body: CreateCredentialBody): Promise<CredentialView> {
    const issues = oauthIssuesOf(body);
    if (issues.length > 0) throw invalidRequest(issues);
    const { name, type, data } = body;
    const now = new Date(this.clock.nowMs());
    const row = {
      id,
      workspaceId,
      name,
      type,
      allowedHosts: 'allowedHosts' in body ? body.allowedHosts : [],
      ...this.vault.seal({ workspaceId, credentialId: id }, JSON.stringify(data)),
      connection: null,
      createdAt: now,
      updatedAt: now,
    };
    const stored = await this.em.transactional(async (em) => {
      await lockWorkspace(em, workspaceId);
      const before = await em.findOne(StoredCredential, { workspaceId, id }, { exclude: SEALED_FIELDS });
      if (before) return before;
      if ((await em.count(StoredCredential, { workspaceId })) >= MAX_CREDENTIALS) throw limitReached();
      await em.insert(StoredCredential, row);
      return row;
    });
    const view = credentialViewOf(stored);
    noteChange({ target: id, after: credentialSummary(view) });
    return view;
  }
}

function limitReached(): MillraceError {
  return new MillraceError(
    'refused',
    'CREDENTIAL_LIMIT_REACHED',
    `a workspace has at most ${MAX_CREDENTIALS} credentials; delete one that nothing uses any more`,
  );
}
