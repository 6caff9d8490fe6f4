import type { EventStore } from '#libs/event-sourcing';
import type { CommitCodec, LogLayout } from '#libs/event-store-jetstream';
import type { ExecutionEvent } from '#libs/execution-engine';
import type { ScheduleEvent } from '#libs/schedule';
import type { WorkflowEvent } from '#libs/workflow-definition';

/** An aggregate kind's log: where it lies, how its messages read, and the store over both. */
export interface Log<Event extends ExecutionEvent | ScheduleEvent | WorkflowEvent> {
  readonly layout: LogLayout;
  readonly codec: CommitCodec<Event>;
  readonly store: EventStore<Event>;
}
export type ExecutionLog = Log<ExecutionEvent>;
export type WorkflowLog = Log<WorkflowEvent>;
export type ScheduleLog = Log<ScheduleEvent>;

export const EXECUTION_LOG = Symbol('ExecutionLog');
export const WORKFLOW_LOG = Symbol('WorkflowLog');
export const SCHEDULE_LOG = Symbol('ScheduleLog');
export const LOG_MANAGER = Symbol('JetStreamManager, its streams reconciled');
export const DURABILITY = Symbol('Durability');
