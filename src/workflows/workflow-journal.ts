import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import { MillraceError, toInstant, type Clock, type JsonObject } from '#libs/kernel';
import { projectWorkflow, type WorkflowRecord } from '#libs/read-models';
import {
  contentHashOf,
  workflowDecider,
  type Publication,
  type WorkflowCommand,
  type WorkflowDefinition,
  type WorkflowEvent,
  type WorkflowState,
} from '#libs/workflow-definition';
import { noteChange } from '../platform/audit/change-notes.ts';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { findDefinition } from './load-plan.ts';

/** A workflow as its history has it now. */
export interface ReadWorkflow {
  readonly state: WorkflowState;
  /** Undefined when there is none to see: never created, archived, or of another workspace. */
  readonly record: WorkflowRecord | undefined;
  /** Of the last commit. */
  readonly sequence: number;
}

export interface ChangedWorkflow {
  readonly record: WorkflowRecord;
  /** Definition of the active version; undefined when none is. */
  readonly active: WorkflowDefinition | undefined;
  /** Of the last commit in the log; the read models show the change once they are here. */
  readonly sequence: number;
}

/** Whose workflow is changed, and by whom. */
export interface ChangeTarget {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly actor: Actor;
}

const NOTHING: ReadWorkflow = { state: { status: 'none' }, record: undefined, sequence: 0 };
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
    return read.record && read.record.workspaceId !== workspaceId ? NOTHING : read;
  }

  /** Under an id that is new, so there is no history to read; unless the same request came before, which then made it. */
  async create(target: ChangeTarget, publication: Publication): Promise<ChangedWorkflow> {
    const { workspaceId } = target;
    const events = workflowDecider.decide(
      { type: 'CreateWorkflow', workspaceId, publication },
      NOTHING.state,
      undefined,
    );
    try {
      return { ...(await this.#append(target, NOTHING, events)), active: undefined };
    } catch (error) {
      if (!(error instanceof ConcurrencyConflict)) throw error;
      const { record, sequence } = await this.read(workspaceId, target.workflowId);
      if (!record) throw error;
      return { record, active: await this.#activeAfter([], record), sequence };
    }
  }

  /** @param ensure asked before a version becomes active; throws to refuse it */
  async change(
    target: ChangeTarget,
    command: WorkflowCommand,
    ensure?: (activated: WorkflowDefinition) => Promise<void>,
  ): Promise<ChangedWorkflow> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await this.read(target.workspaceId, target.workflowId);
      const events = workflowDecider.decide(command, before.state, undefined);
      // Read before the append: what is stored must not fail afterwards.
      const active = await this.#activeAfter(events, before.record);
      if (events.length === 0 && before.record) return { record: before.record, active, sequence: before.sequence };
      for (const definition of activatedBy(events, active)) await ensure?.(definition);
      try {
        return { ...(await this.#append(target, before, events)), active };
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) throw error;
      }
    }
    throw new MillraceError('unavailable', 'WORKFLOW_CONTENDED', 'the workflow is being changed by others; try again', {
      retryAfterMs: 1000,
    });
  }

  async #append(
    { workflowId, actor }: ChangeTarget,
    before: ReadWorkflow,
    events: readonly WorkflowEvent[],
  ): Promise<Omit<ChangedWorkflow, 'active'>> {
    const at = toInstant(this.clock.nowMs());
    const firstVersion = (before.record?.revision ?? 0) + 1;
    const commit = { id: randomUUID(), aggregateId: workflowId, firstVersion, at, actor, events };
    const sequence = await this.log.store.append(commit, before.sequence);
    const record = events.reduce<WorkflowRecord | undefined>(
      (record, event, index) => projectWorkflow(record, event, { workflowId, version: firstVersion + index, at }),
      before.record,
    );
    if (!record) throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', 'there is no such workflow');
    noteChange({ target: workflowId, before: summaryOf(before.record), after: summaryOf(record) });
    return { record, sequence };
  }

  /** An older version than the latest is read on its own: a history may hold hundreds, of 1 MiB each. */
  async #activeAfter(
    events: readonly WorkflowEvent[],
    record: WorkflowRecord | undefined,
  ): Promise<WorkflowDefinition | undefined> {
    const version = activeVersionAfter(events, record?.activeVersion ?? null);
    if (!record || version === null) return undefined;
    return version === record.latestVersion ? record.definition : findDefinition(this.log.store, record.id, version);
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
    return { state, record: record?.archivedAt === null ? record : undefined, sequence };
  }
}

/** For the audit: which definition there is, by its hash, and whether one is active. */
function summaryOf(record: WorkflowRecord | undefined): JsonObject | null {
  if (!record || record.archivedAt !== null) return null;
  const { name, latestVersion, activeVersion, definition } = record;
  return { name, latestVersion, activeVersion, contentHash: contentHashOf(definition, sha256) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function activatedBy(
  events: readonly WorkflowEvent[],
  active: WorkflowDefinition | undefined,
): readonly WorkflowDefinition[] {
  return active && events.some(({ type }) => type === 'WorkflowActivated') ? [active] : [];
}

function activeVersionAfter(events: readonly WorkflowEvent[], before: number | null): number | null {
  return events.reduce((active, event) => {
    if (event.type === 'WorkflowActivated') return event.data.version;
    return event.type === 'WorkflowDeactivated' || event.type === 'WorkflowArchived' ? null : active;
  }, before);
}
