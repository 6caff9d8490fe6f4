import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { WorkspaceId } from '#libs/kernel';
import { WAIT_FOR_LOCK } from '../platform/database/lock-wait.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { inUse, WorkflowUsage } from '../read-models/workflow-usage.ts';
import { CredentialChanges } from './credential-changes.ts';
import { credentialNotFound, credentialSummary, credentialViewOf } from './credential-view.ts';
import { CredentialRevoker } from './credential-revoker.ts';
import { OpenCredential } from './open-credential.ts';
import { SEALED_FIELDS, StoredCredential, type CredentialId } from './credentials.entities.ts';

@Injectable()
export class DeleteCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly usage: WorkflowUsage,
    private readonly changes: CredentialChanges,
    private readonly opening: OpenCredential,
    private readonly revoker: CredentialRevoker,
  ) {}

  /** What a service gave for it is given back. Throws `CREDENTIAL_IN_USE`. A workflow activated in the same moment may lose its credential and then says so when it runs. */
  async execute(workspaceId: WorkspaceId, id: CredentialId): Promise<void> {
    const em = this.em.fork();
    const before = await em.findOne(StoredCredential, { id, workspaceId }, { exclude: SEALED_FIELDS });
    if (!before) throw credentialNotFound(id);
    const workflows = await this.usage.workflowsUsing(workspaceId, { kind: 'credential', id });
    if (workflows.length > 0) throw inUse('CREDENTIAL_IN_USE', 'credential', workflows);
    const deleted = await this.#deleted(workspaceId, id);
    if (!deleted) throw credentialNotFound(id);
    noteChange({ before: credentialSummary(credentialViewOf(before)), after: null });
    this.changes.announce(workspaceId, id);
    const opened = this.opening.opened(deleted);
    if (opened.kind === 'found') await this.revoker.revoke(opened.credential);
  }

  /** As it was when it went: who renews its tokens at that moment is waited for. */
  #deleted(workspaceId: WorkspaceId, id: CredentialId): Promise<StoredCredential | null> {
    return this.em.fork().transactional(async (em) => {
      await em.execute(WAIT_FOR_LOCK);
      const row = await em.findOne(StoredCredential, { id, workspaceId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (row) await em.nativeDelete(StoredCredential, { id, workspaceId });
      return row;
    });
  }
}
