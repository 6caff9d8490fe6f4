import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { LogLayout } from '#libs/event-store-jetstream';

export const AUDIT_STREAM = 'AUDIT';

/** One literal subject a workspace, so that its last sequence guards the chain. Nobody deletes a message of it, or purges it. */
export function auditLayout(replicas: number): LogLayout {
  return {
    streams: [
      {
        name: AUDIT_STREAM,
        description: 'What people and keys did, chained and signed',
        subjects: ['audit.*'],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        num_replicas: replicas,
        allow_direct: true,
        deny_delete: true,
        deny_purge: true,
      },
    ],
    streamOf: () => AUDIT_STREAM,
    subjectOf: (workspaceId) => `audit.${workspaceId}`,
  };
}
