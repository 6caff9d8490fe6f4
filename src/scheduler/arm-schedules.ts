import { Inject, Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import { epochMsOf } from '#libs/kernel';
import type { ScheduleTerms } from '#libs/schedule';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import type { WorkflowEvent } from '#libs/workflow-definition';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { scheduleIdOf } from '../schedules/schedule-ids.ts';
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
  ) {}

  async heed({ aggregateId: workflowId, events, at, sequence }: StoredCommit<WorkflowEvent>): Promise<void> {
    if (!events.some(({ type }) => CHANGES_SCHEDULES[type])) return;
    const { before, after, workspaceId } = await this.#activeAround(workflowId, sequence);
    const wanted = await this.#termsOf(workflowId, workspaceId, after);
    const change = { atMs: epochMsOf(at), by: sequence };
    const stays = new Set(wanted.map(({ nodeId }) => nodeId));
    const gone = (await this.#termsOf(workflowId, workspaceId, before)).filter(({ nodeId }) => !stays.has(nodeId));
    const changes = [
      ...gone.map(({ nodeId }) => [nodeId, { type: 'DisarmSchedule', ...change }] as const),
      ...wanted.map((terms) => [terms.nodeId, { type: 'ArmSchedule', terms, ...change }] as const),
    ];
    for (let begun = 0; begun < changes.length; begun += AT_ONCE)
      await Promise.all(
        changes
          .slice(begun, begun + AT_ONCE)
          .map(([nodeId, command]) => this.#submit(scheduleIdOf(workflowId, nodeId), command)),
      );
  }

  async #submit(scheduleId: string, command: Parameters<ScheduleJournal['submit']>[1]): Promise<void> {
    const { known } = await this.journal.submit(scheduleId, command, { known: this.table.find(scheduleId) });
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

  async #termsOf(
    workflowId: string,
    workspaceId: string,
    version: number | undefined,
  ): Promise<readonly ScheduleTerms[]> {
    if (version === undefined) return [];
    const definition = await findDefinition(this.log.store, workflowId, version);
    return definition ? termsOf({ workflowId, workspaceId, version, definition }) : [];
  }
}

function activeAfter(event: WorkflowEvent, before: number | undefined): number | undefined {
  if (event.type === 'WorkflowActivated') return event.data.version;
  return event.type === 'WorkflowDeactivated' || event.type === 'WorkflowArchived' ? undefined : before;
}
