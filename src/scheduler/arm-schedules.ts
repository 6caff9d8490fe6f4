import { Inject, Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import { epochMsOf } from '#libs/kernel';
import type { ScheduleCommand } from '#libs/schedule';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import type { WorkflowDefinition, WorkflowEvent } from '#libs/workflow-definition';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { scheduleIdOf } from '../schedules/schedule-ids.ts';
import { Logger } from '../platform/logging/logger.ts';
import { termsOf } from '../schedules/terms-of.ts';
import { findDefinition } from '../workflows/load-plan.ts';

/** Whether an event may change which schedules there are. They are those of the active version, so a new one does not. */
const CHANGES_SCHEDULES: Readonly<Record<WorkflowEvent['type'], boolean>> = {
  WorkflowCreated: false,
  WorkflowVersionPublished: false,
  WorkflowActivated: true,
  WorkflowDeactivated: true,
  WebhookRotated: false,
  WorkflowArchived: true,
};

type ArmingCommand = Extract<ScheduleCommand, { readonly atMs: number }>;

/** Commits under way at once; a workflow may have thousands of schedules. */
const AT_ONCE = 200;

/**
 * Keeps schedules at what a commit of their workflow made of it: each version that was active has its slots, however late
 * its commit is heeded. A commit that comes a second time changes nothing.
 */
@Injectable()
export class ArmSchedules {
  constructor(
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
    private readonly journal: ScheduleJournal,
    private readonly table: ScheduleTable,
    private readonly logger: Logger,
  ) {}

  async heed({ aggregateId: workflowId, events, at, sequence }: StoredCommit<WorkflowEvent>): Promise<void> {
    if (!events.some(({ type }) => CHANGES_SCHEDULES[type])) return;
    const { before, after, workspaceId } = await this.#activeAround(workflowId, sequence);
    const definition = await this.#definitionOf(workflowId, after);
    const wanted = definition && after ? termsOf({ workflowId, workspaceId, version: after, definition }) : [];
    const change = { atMs: epochMsOf(at), by: sequence };
    const stays = new Set(wanted.map(({ nodeId }) => nodeId));
    // By their nodes alone: what was armed is to end also where its config can't be read any more.
    const gone = scheduleNodesOf(await this.#definitionOf(workflowId, before)).filter((nodeId) => !stays.has(nodeId));
    this.#tellUnread(workflowId, scheduleNodesOf(definition), stays);
    const changes = [
      ...gone.map((nodeId) => [nodeId, { type: 'DisarmSchedule', ...change }] as const),
      ...wanted.map((terms) => [terms.nodeId, { type: 'ArmSchedule', terms, ...change }] as const),
    ];
    for (let begun = 0; begun < changes.length; begun += AT_ONCE)
      await Promise.all(
        changes
          .slice(begun, begun + AT_ONCE)
          .map(([nodeId, command]) => this.#submit(scheduleIdOf(workflowId, nodeId), command)),
      );
  }

  async #submit(scheduleId: string, command: ArmingCommand): Promise<void> {
    const options = { known: this.table.find(scheduleId), nowMs: command.atMs };
    const { known } = await this.journal.submit(scheduleId, command, options);
    if (known) this.table.put(scheduleId, known);
  }

  /** The versions that were active before the commit and after it. */
  async #activeAround(workflowId: string, sequence: number) {
    let workspaceId = '';
    let before: number | undefined;
    let after: number | undefined;
    for await (const commit of this.log.store.readHistory(workflowId)) {
      if (commit.sequence > sequence) break;
      before = after;
      for (const event of commit.events) {
        if (event.type === 'WorkflowCreated') workspaceId = event.data.workspaceId;
        else after = activeAfter(event, after);
      }
    }
    return { workspaceId, before, after };
  }

  async #definitionOf(workflowId: string, version: number | undefined): Promise<WorkflowDefinition | undefined> {
    return version === undefined ? undefined : findDefinition(this.log.store, workflowId, version);
  }

  #tellUnread(workflowId: string, nodeIds: readonly string[], read: ReadonlySet<string>): void {
    const unread = nodeIds.filter((nodeId) => !read.has(nodeId));
    if (unread.length === 0) return;
    const message = 'schedules of another version of Millrace, or of a zone that is not known here, are not armed';
    this.logger.error({ workflowId, nodeIds: unread }, message);
  }
}

function scheduleNodesOf(definition: WorkflowDefinition | undefined): readonly string[] {
  return (definition?.nodes ?? []).filter(({ type }) => type === 'trigger.schedule').map(({ id }) => id);
}

function activeAfter(event: WorkflowEvent, before: number | undefined): number | undefined {
  if (event.type === 'WorkflowActivated') return event.data.version;
  return event.type === 'WorkflowDeactivated' || event.type === 'WorkflowArchived' ? undefined : before;
}
