import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/read-models';
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

const USING = `
select id, name from workflows
where workspace_id = $1 and active and position(to_json($2::text)::text in record::text) > 0
order by created_at, id`;

/** From the read model, which has the latest version of each workflow. */
@Injectable()
export class CredentialUsageInReadModel extends CredentialUsage {
  constructor(@Inject(DATABASE) private readonly database: Database) {
    super();
  }

  workflowsUsing(workspaceId: string, credentialId: string): Promise<readonly UsingWorkflow[]> {
    return this.database.query<UsingWorkflow>(USING, [workspaceId, credentialId]);
  }
}
