import { Injectable } from '@nestjs/common';
import type { WorkspaceId } from '#libs/kernel';
import { problemOf, unfitType, type VerifyConfig } from '#libs/webhook-signatures';
import { OpenCredential } from './open-credential.ts';
import { ReadCredentials } from './read-credentials.ts';

/** What workflows are checked against. */
@Injectable()
export class KnownCredentials {
  constructor(
    private readonly readCredentials: ReadCredentials,
    private readonly openCredential: OpenCredential,
  ) {}

  missing(workspaceId: WorkspaceId, ids: readonly string[]): Promise<readonly string[]> {
    return this.readCredentials.missing(workspaceId, ids);
  }

  async whyUnfit(workspaceId: WorkspaceId, verify: VerifyConfig): Promise<string | undefined> {
    const found = await this.openCredential.find(workspaceId, verify.credentialId);
    if (found.kind === 'found') return problemOf(verify, found.credential);
    if (found.kind === 'foundOfConnector') return unfitType(verify, found.credential.type);
    return found.kind === 'unreadable' ? found.why : undefined;
  }
}
