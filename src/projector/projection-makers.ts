import {
  AuditProjection,
  DeadLetterProjection,
  DeliveryProjection,
  ExecutionProjection,
  MailProjection,
  SuppressionProjection,
  WorkflowProjection,
  type BatchProjection,
  type Database,
  type ProjectionName,
} from '#libs/read-models';
import type { ExecutionLog, WorkflowLog } from '../platform/nats/tokens.ts';

export type ProjectionMakers = Readonly<Record<ProjectionName, (database: Database) => BatchProjection>>;

/** One for each stream, live or rebuilt: they keep what their stream told them last. */
export function projectionMakers(
  executions: ExecutionLog,
  workflows: WorkflowLog,
  use: 'live' | 'rebuild',
): ProjectionMakers {
  return {
    executions: (database) => new ExecutionProjection(database, executions.codec, use === 'live'),
    workflows: (database) => new WorkflowProjection(database, workflows.codec),
    deadLetters: (database) => new DeadLetterProjection(database),
    deliveries: (database) => new DeliveryProjection(database),
    audit: (database) => new AuditProjection(database),
    mails: (database) => new MailProjection(database),
    suppressions: (database) => new SuppressionProjection(database),
  };
}
