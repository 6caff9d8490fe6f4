import { MillraceError } from '#libs/kernel';
import type { WorkflowRecord } from '#libs/read-models';

type Versions = Pick<WorkflowRecord, 'activeVersion' | 'latestVersion'>;

/** The version that is meant; by default the active one, else the latest. Throws `WORKFLOW_VERSION_NOT_FOUND`. */
export function versionIn({ activeVersion, latestVersion }: Versions, wanted?: number): number {
  const version = wanted ?? activeVersion ?? latestVersion;
  if (version <= latestVersion) return version;
  const message = `the workflow has versions 1 to ${latestVersion}, there is no ${version}`;
  throw new MillraceError('notFound', 'WORKFLOW_VERSION_NOT_FOUND', message);
}
