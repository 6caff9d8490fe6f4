import type { WorkspaceId } from '#libs/kernel';
import type { VerifyConfig } from '#libs/webhook-signatures';

/** Knows which credentials a workspace has. The module of credentials implements it. */
export abstract class CredentialDirectory {
  /** Those of the ids that name no credential of the workspace. */
  abstract missing(workspaceId: WorkspaceId, ids: readonly string[]): Promise<readonly string[]>;

  /** Why calls can't be verified with the credential, in words for who wrote the workflow; undefined when they can, or it is missing. */
  abstract whyUnfit(workspaceId: WorkspaceId, verify: VerifyConfig): Promise<string | undefined>;
}
