import type { WorkspaceId } from '#libs/kernel';

/** Knows which email templates a workspace has. The module of templates implements it. */
export abstract class TemplateDirectory {
  /** By the ids of those that are there. A template has all versions from 1 to its latest. */
  abstract latestVersions(workspaceId: WorkspaceId, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
