import { Injectable } from '@nestjs/common';
import type { CredentialSource, FoundCredential } from '#libs/execution-runtime';
import { OpenCredential } from './open-credential.ts';

/** Credentials as attempts get them. */
@Injectable()
export class LiveCredentials implements CredentialSource {
  constructor(private readonly opening: OpenCredential) {}

  find(workspaceId: string, credentialId: string): Promise<FoundCredential> {
    return this.opening.find(workspaceId, credentialId);
  }

  renew(workspaceId: string, credentialId: string): Promise<FoundCredential> {
    return this.opening.find(workspaceId, credentialId);
  }
}
