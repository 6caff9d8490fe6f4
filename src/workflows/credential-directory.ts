import type { WorkspaceId } from '#libs/kernel';

/** Knows which credentials a workspace has. The module of credentials implements it. */
export abstract class CredentialDirectory {
  /** Those of the ids that name no credential of the workspace. */
  abstract missing(workspaceId: WorkspaceId, ids: readonly string[]): Promise<readonly string[]>;
}
