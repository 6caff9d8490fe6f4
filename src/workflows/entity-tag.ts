import type { WorkflowRecord } from '#libs/read-models';

/**
 * The strong entity tag of a workflow as it is read: its version and, when it was activated or deactivated since that was
 * published, how many changes ago that was.
 */
export function entityTagOf({
  latestVersion,
  revision,
  versionRevision,
}: Pick<WorkflowRecord, 'latestVersion' | 'revision' | 'versionRevision'>): string {
  const since = revision - versionRevision;
  return since === 0 ? `"${latestVersion}"` : `"${latestVersion}-${since}"`;
}
