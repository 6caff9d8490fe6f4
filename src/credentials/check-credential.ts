import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, toInstant, type Clock, type WorkspaceId } from '#libs/kernel';
import { CLOCK } from '../platform/tokens.ts';
import { CredentialChecker } from './credential-checker.ts';
import { credentialNotFound } from './credential-view.ts';
import type { CredentialCheckView } from './credentials.dto.ts';
import { OpenCredential } from './open-credential.ts';

/** Tries a stored credential. */
@Injectable()
export class CheckCredential {
  constructor(
    private readonly opening: OpenCredential,
    private readonly checker: CredentialChecker,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Undefined for a type that can't be tried. */
  async tried(workspaceId: WorkspaceId, id: string): Promise<CredentialCheckView | undefined> {
    const found = await this.opening.find(workspaceId, id);
    if (found.kind === 'absent') throw credentialNotFound(id);
    if (found.kind === 'unreadable') throw new MillraceError('refused', 'CREDENTIAL_UNREADABLE', found.why);
    if (found.kind === 'foundOfConnector') return undefined;
    const check = await this.checker.check(found.credential);
    return check && { ...check, checkedAt: toInstant(this.clock.nowMs()) };
  }

  async execute(workspaceId: WorkspaceId, id: string): Promise<CredentialCheckView> {
    const check = await this.tried(workspaceId, id);
    if (check) return check;
    const message = 'whether a credential of this type is right shows when a node uses it';
    throw new MillraceError('refused', 'CREDENTIAL_NOT_CHECKABLE', message);
  }
}
