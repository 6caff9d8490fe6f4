export {
  findAnchor,
  findAuditEntry,
  listAuditItems,
  readAuditTree,
  type AuditItem,
  type AuditQuery,
} from './audit-list.ts';
export { AuditProjection } from './audit-projection.ts';
export { ArchivedExecutions } from './archived-executions.ts';
export type { BatchProjection } from './batch-projection.ts';
export type { BatchWaits } from './batches.ts';
export { appliedSequence } from './checkpoint.ts';
export type { Database } from './database.ts';
export { DeadLetterProjection } from './dead-letter-projection.ts';
export { DEAD_LETTER_STATUSES, projectDeadLetter, type DeadLetterRecord } from './dead-letter-record.ts';
export {
  countOpenDeadLetters,
  findDeadLetter,
  listDeadLetterIds,
  listDeadLetters,
  type DeadLetterFilter,
} from './dead-letter-table.ts';
export { projectDigested } from './digested-record.ts';
export { DeliveryProjection } from './delivery-projection.ts';
export { DELIVERY_OUTCOMES, type DeliveryOutcome, type DeliveryRecord } from './delivery-record.ts';
export { listDeliveries, type DeliveryQuery } from './delivery-list.ts';
export { findUnaccepted, removeDeliveriesBefore } from './delivery-table.ts';
export { executionsInDoubt } from './executions-in-doubt.ts';
export { findCalls, findExecutionIds, type CallSpan, type ExecutionSearch } from './execution-ids.ts';
export { findDescendants, findWithAncestors, type RelatedExecution } from './execution-lineage.ts';
export { ExecutionProjection } from './execution-projection.ts';
export {
  durationMsOf,
  ExecutionFold,
  projectCommit,
  projectExecution,
  recordedOutputOf,
  type ExecutionRecord,
  type RecordedAt,
} from './execution-record.ts';
export { EXECUTION_STATUSES } from './execution-line.ts';
export { listExecutions, type ExecutionQuery } from './execution-list.ts';
export { findExecution, findExecutions, type ShelvedRecord } from './execution-table.ts';
export { termsOf } from './execution-terms.ts';
export { epochMs } from './rows.ts';
export {
  countDeliverability,
  type Deliverability,
  type DeliverabilityQuery,
  type MailCounts,
} from './deliverability.ts';
export { MailProjection } from './mail-projection.ts';
export {
  MAIL_AFTERMATHS,
  MAIL_STATUSES,
  projectMail,
  type MailAftermath,
  type MailRecord,
  type MailStatus,
} from './mail-record.ts';
export { listMails, type MailQuery } from './mail-list.ts';
export { removeMailsBefore } from './mail-table.ts';
export { SuppressionProjection } from './suppression-projection.ts';
export { findSuppression, listSuppressions, type SuppressionQuery } from './suppression-table.ts';
export { countParked, listParked, type FoundParkedEvent, type ParkedEvent } from './parked-events.ts';
export { announceRebuild, hearRebuilds } from './rebuild-calls.ts';
export {
  endRebuild,
  findOpenRebuild,
  findRebuild,
  findRebuilds,
  orderRebuild,
  REBUILD_PHASES,
  type RebuildChecksum,
  type RebuildOrder,
  type RebuildPhase,
} from './rebuild-orders.ts';
export type { RebuildTarget } from './rebuild-run.ts';
export { ProjectionRebuilder, type RebuilderObserver } from './projection-rebuilder.ts';
export {
  readRebuildProgress,
  readStreamStates,
  type RebuildProgress,
  type StateSources,
  type StreamState,
} from './projection-states.ts';
export { PROJECTION_NAMES, isProjectionName, type ProjectionName } from './projections.ts';
export { announceProgress, ReadModelProgress } from './progress.ts';
export { LogRolledBackError } from './same-log.ts';
export { forgetUnanchored, readUnanchored, type UnanchoredBatch } from './unanchored-histories.ts';
export { SharedLookup } from './shared-lookup.ts';
export { StreamProjector, type ProjectorObserver } from './stream-projector.ts';
export { WorkflowProjection } from './workflow-projection.ts';
export { projectWorkflow, type EndpointRecord, type WorkflowRecord } from './workflow-record.ts';
export { findWorkflow, findWorkflows, listWorkflows, type WorkflowQuery } from './workflow-table.ts';
export {
  workflowVersionOf,
  type WorkflowVersionRecord,
  type WorkflowVersionSummary,
} from './workflow-version-record.ts';
export {
  findWorkflowsUsing,
  findWorkflowVersions,
  listWorkflowVersions,
  type FoundVersion,
  type NamedThing,
  type WorkflowVersionQuery,
} from './workflow-version-table.ts';
export { findWebhook, type FoundWebhook } from './webhook-table.ts';
export { wordsAskedFor } from './search-words.ts';
export type { NodeRecord, NodeRecordStatus } from './node-record.ts';
