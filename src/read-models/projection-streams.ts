import { AUDIT_STREAM } from '#libs/audit-log';
import { DEAD_LETTER_STREAM } from '#libs/dead-letters';
import { MAIL_STREAM } from '#libs/mail-ledger';
import type { ProjectionName } from '#libs/read-models';
import { SUPPRESSION_STREAM } from '#libs/suppressions';
import { DELIVERY_STREAM } from '#libs/webhook-deliveries';
import type { ExecutionLog, WorkflowLog } from '../platform/nats/tokens.ts';

export type ProjectionStreams = Readonly<Record<ProjectionName, readonly string[]>>;

/** What each projection is made of. */
export function projectionStreams(executions: ExecutionLog, workflows: WorkflowLog): ProjectionStreams {
  return {
    executions: executions.layout.streams.map(({ name }) => name),
    workflows: workflows.layout.streams.map(({ name }) => name),
    deadLetters: [DEAD_LETTER_STREAM],
    deliveries: [DELIVERY_STREAM],
    audit: [AUDIT_STREAM],
    mails: [MAIL_STREAM],
    suppressions: [SUPPRESSION_STREAM],
  };
}
