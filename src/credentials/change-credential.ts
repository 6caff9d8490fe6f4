import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { oauth2Data } from '#libs/credential-types';
import { CredentialVault, type SealedCredential } from '#libs/credential-vault';
import type { OpenedCredential } from '#libs/execution-runtime';
import { MillraceError, type Clock, type WorkspaceId } from '#libs/kernel';
import { z } from 'zod';
import { WAIT_FOR_LOCK } from '../platform/database/lock-wait.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { invalidRequest } from '../platform/http/request-schema.ts';
import { CLOCK } from '../platform/tokens.ts';
import { dataSchemaOf, INSTALLED_TYPES } from './credential-registry.ts';
import { CredentialChanges } from './credential-changes.ts';
import { credentialNotFound, credentialSummary, credentialViewOf } from './credential-view.ts';
import { hasRoomFor, MAX_DATA_BYTES, type ChangeCredentialBody, type CredentialView } from './credentials.dto.ts';
import { staysWithin, tokensThatStay } from './hosts-in-effect.ts';
import { oauthIssuesOf } from './oauth-problems.ts';
import { OpenCredential } from './open-credential.ts';
import { StoredCredential, type CredentialId } from './credentials.entities.ts';

@Injectable()
export class ChangeCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    private readonly changes: CredentialChanges,
    private readonly opening: OpenCredential,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws `CREDENTIAL_DATA_REQUIRED`. Whoever changes the row at the same time waits at its lock: what is left out keeps
   * what they wrote, and hosts are compared with the hosts that are there.
   */
  async execute(workspaceId: WorkspaceId, id: CredentialId, body: ChangeCredentialBody): Promise<CredentialView> {
    const view = await this.#change(workspaceId, id, body);
    this.changes.announce(workspaceId, id);
    return view;
  }

  #change(workspaceId: WorkspaceId, id: CredentialId, body: ChangeCredentialBody): Promise<CredentialView> {
    return this.em.transactional(async (em) => {
      await em.execute(WAIT_FOR_LOCK);
      const before = await em.findOne(StoredCredential, { id, workspaceId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!before) throw credentialNotFound(id);
      if (Object.keys(body).length === 0) return credentialViewOf(before);
      const opened = this.opening.opened(before);
      ensureHostsMayChange(before, body, opened);
      const { data, ...plain } = body;
      const sealed = data === undefined ? {} : this.#sealed(before, body, opened);
      const changed = { ...plain, updatedAt: new Date(this.clock.nowMs()) };
      await em.nativeUpdate(StoredCredential, { id, workspaceId }, { ...changed, ...sealed });
      const view = credentialViewOf({ ...before, ...changed, ...sealed });
      noteChange({
        before: credentialSummary(credentialViewOf(before)),
        after: { ...credentialSummary(view), dataChanged: data !== undefined },
      });
      return view;
    });
  }

  #sealed(
    { id: credentialId, workspaceId, type, allowedHosts: hosts }: StoredCredential,
    { data: given, allowedHosts: newHosts = hosts }: ChangeCredentialBody,
    before: OpenedCredential,
  ): SealedCredential & { connection?: null } {
    const data = dataAs(type, given);
    if (!hasRoomFor(data))
      throw invalidRequest([{ path: ['data'], message: `must have at most ${MAX_DATA_BYTES} bytes as JSON` }]);
    const seal = (content: unknown): SealedCredential =>
      this.vault.seal({ workspaceId, credentialId }, JSON.stringify(content));
    if (type !== 'oauth2') return seal(data);
    const tokens = tokensThatStay(before, data, { hosts, newHosts });
    return tokens ? seal({ ...oauth2Data.parse(data), tokens }) : { ...seal(data), connection: null };
  }
}

function dataAs(type: string, given: unknown): unknown {
  const parsed = z.object({ data: dataSchemaOf(type) ?? z.never() }).safeParse({ data: given });
  const issues = parsed.error?.issues ?? oauthIssuesOf({ type, data: given });
  if (issues.length > 0) throw invalidRequest(issues);
  return parsed.data?.data;
}

/** Who only may change a credential must not learn its data by having it sent to a host of theirs. */
function ensureHostsMayChange(
  { type, allowedHosts: hosts }: Pick<StoredCredential, 'type' | 'allowedHosts'>,
  { allowedHosts, data }: ChangeCredentialBody,
  before: OpenedCredential,
): void {
  if (allowedHosts === undefined) return;
  if (INSTALLED_TYPES.get(type)?.bindsToHosts !== true)
    throw invalidRequest([
      { path: ['allowedHosts'], message: `a credential of the type ${type} is not bound to hosts` },
    ]);
  if (data === undefined && !staysWithin(before, { hosts, newHosts: allowedHosts })) throw dataRequired();
}

function dataRequired(): MillraceError {
  return new MillraceError(
    'refused',
    'CREDENTIAL_DATA_REQUIRED',
    'only who knows the secret may let it go to more hosts: give `data` in the same request, or only hosts that were allowed before',
    { problems: [{ path: 'data', message: 'is required with allowedHosts that allow more than before' }] },
  );
}
