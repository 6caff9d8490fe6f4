import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CREDENTIAL_TYPES, typedData, type CredentialType } from '#libs/credential-types';
import { CredentialVault, type SealedCredential } from '#libs/credential-vault';
import type { Clock, WorkspaceId } from '#libs/kernel';
import { invalidRequest } from '../platform/http/request-schema.ts';
import { CLOCK } from '../platform/tokens.ts';
import { credentialNotFound, credentialViewOf } from './credential-view.ts';
import { hasRoomFor, MAX_DATA_BYTES, type ChangeCredentialBody, type CredentialView } from './credentials.dto.ts';
import { SEALED_FIELDS, StoredCredential, type CredentialId } from './credentials.entities.ts';

@Injectable()
export class ChangeCredential {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(workspaceId: WorkspaceId, id: CredentialId, body: ChangeCredentialBody): Promise<CredentialView> {
    const em = this.em.fork();
    const before = await em.findOne(StoredCredential, { id, workspaceId }, { exclude: SEALED_FIELDS });
    if (!before) throw credentialNotFound(id);
    const { type } = before;
    const { name = before.name, allowedHosts = before.allowedHosts } = body;
    if (body.allowedHosts !== undefined) ensureBindsToHosts(type);
    const sealed = body.data === undefined ? {} : this.#sealed(workspaceId, id, { type, data: body.data });
    const updatedAt = Object.keys(body).length === 0 ? before.updatedAt : new Date(this.clock.nowMs());
    const changed = { name, allowedHosts, updatedAt };
    const found = await em.nativeUpdate(StoredCredential, { id, workspaceId }, { ...changed, ...sealed });
    if (found === 0) throw credentialNotFound(id);
    return credentialViewOf({ id, type, createdAt: before.createdAt, ...changed });
  }

  #sealed(
    workspaceId: WorkspaceId,
    credentialId: CredentialId,
    given: { readonly type: CredentialType; readonly data: unknown },
  ): SealedCredential {
    const parsed = typedData.safeParse(given);
    if (!parsed.success) throw invalidRequest(parsed.error.issues);
    const { data } = parsed.data;
    if (!hasRoomFor(data))
      throw invalidRequest([{ path: ['data'], message: `must have at most ${MAX_DATA_BYTES} bytes as JSON` }]);
    return this.vault.seal({ workspaceId, credentialId }, JSON.stringify(data));
  }
}

function ensureBindsToHosts(type: CredentialType): void {
  if (CREDENTIAL_TYPES[type].bindsToHosts) return;
  throw invalidRequest([{ path: ['allowedHosts'], message: `a credential of the type ${type} is not bound to hosts` }]);
}
