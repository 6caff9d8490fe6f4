import { Inject, Injectable } from '@nestjs/common';
import { findWorkflowsUsingCredential, type Database } from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';

export interface UsingWorkflow {
  readonly id: string;
  readonly name: string;
}

/** Knows which workflows need a credential. */
export abstract class CredentialUsage {
  /** Active workflows whose active version names the credential. */
  abstract workflowsUsing(workspaceId: string, credentialId: string): Promise<readonly UsingWorkflow[]>;
}

/** From the read model of workflow versions. */
@Injectable()
export class CredentialUsageInReadModel extends CredentialUsage {
  constructor(@Inject(DATABASE) private readonly database: Database) {
    super();
  }

  workflowsUsing(workspaceId: string, credentialId: string): Promise<readonly UsingWorkflow[]> {
    return findWorkflowsUsingCredential(this.database, workspaceId, credentialId);
  }
}
