import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import { MillraceError, toInstant, type Clock } from '#libs/kernel';
import { projectWorkflow, type WorkflowRecord } from '#libs/read-models';
import {
  workflowDecider,
  type WorkflowCommand,
  type WorkflowEvent,
  type WorkflowState,
} from '#libs/workflow-definition';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';

/** A workflow as its history has it now. */
export interface ReadWorkflow {
  readonly state: WorkflowState;
  readonly record: WorkflowRecord | undefined;
  /** Of the last commit. */
  readonly sequence: number;
}

export interface ChangedWorkflow {
  readonly record: WorkflowRecord;
  /** Of the last commit in the log; the read models show the change once they are here. */
  readonly sequence: number;
}

const MAX_CONFLICTS = 8;

/** Reads a workflow, asks for a decision, appends it; again when somebody else was first. */
@Injectable()
export class WorkflowJournal {
  constructor(
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the history holds of the workflow, if it is of this workspace. Another workspace's looks as if it were not there. */
  async read(workspaceId: string, workflowId: string): Promise<ReadWorkflow> {
    const read = await this.#fold(workflowId);
    return read.record && read.record.workspaceId !== workspaceId
      ? { state: { status: 'none' }, record: undefined, sequence: 0 }
      : read;
  }

  async change(
    { workspaceId, workflowId, actor }: { workspaceId: string; workflowId: string; actor: Actor },
    command: WorkflowCommand,
  ): Promise<ChangedWorkflow> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await this.read(workspaceId, workflowId);
      const events = workflowDecider.decide(command, before.state, undefined);
      if (events.length === 0 && before.record) return { record: before.record, sequence: before.sequence };
      try {
        return await this.#append({ workflowId, actor }, before, events);
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) throw error;
      }
    }
    throw new MillraceError('unavailable', 'WORKFLOW_CONTENDED', 'the workflow is being changed by others; try again', {
      retryAfterMs: 1000,
    });
  }

  async #append(
    { workflowId, actor }: { workflowId: string; actor: Actor },
    before: ReadWorkflow,
    events: readonly WorkflowEvent[],
  ): Promise<ChangedWorkflow> {
    const at = toInstant(this.clock.nowMs());
    const firstVersion = (before.record?.revision ?? 0) + 1;
    const commit = { id: randomUUID(), aggregateId: workflowId, firstVersion, at, actor, events };
    const sequence = await this.log.store.append(commit, before.sequence);
    const record = events.reduce<WorkflowRecord | undefined>(
      (record, event, index) => projectWorkflow(record, event, { workflowId, version: firstVersion + index, at }),
      before.record,
    );
    if (!record) throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', 'there is no such workflow');
    return { record, sequence };
  }

  async #fold(workflowId: string): Promise<ReadWorkflow> {
    let state = workflowDecider.initialState();
    let record: WorkflowRecord | undefined;
    let sequence = 0;
    for await (const commit of this.log.store.readHistory(workflowId)) {
      sequence = commit.sequence;
      for (const [index, event] of commit.events.entries()) {
        state = workflowDecider.evolve(state, event, commit.at);
        record = projectWorkflow(record, event, { workflowId, version: commit.firstVersion + index, at: commit.at });
      }
    }
    return { state, record, sequence };
  }
}
