import { Inject, Injectable } from '@nestjs/common';
import { Payloads, PlanCache } from '#libs/execution-runtime';
import type { OwnPayload } from '#libs/execution-engine';
import { InvariantError, type ExecutionId, type JsonValue, type WorkspaceId } from '#libs/kernel';
import {
  ExecutionFold,
  findExecution,
  listExecutions,
  type Database,
  type ExecutionQuery,
  type ExecutionRecord,
} from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';
import { pageOf, type Page } from '../platform/http/page.ts';
import { EventViews } from './event-views.ts';
import { ExecutionHistories } from './execution-histories.ts';
import type { EventView, ExecutionView } from './execution-view.ts';
import { noSuchEvent } from './no-such-event.ts';
import { howManyFit } from './page-size.ts';
import { ResumeLinks } from './resume-links.ts';
import { executionViewOf } from './view-execution.ts';

/** Executions of a page whose payloads are fetched at a time. */
const AT_ONCE = 8;

/** Reads executions: from the read model, and from the log where that is ahead of it. */
@Injectable()
export class ReadExecutions {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly histories: ExecutionHistories,
    private readonly plans: PlanCache,
    private readonly payloads: Payloads,
    private readonly links: ResumeLinks,
  ) {}

  /** A page of up to `limit` items; of fewer, though more follow, when what they hold is large. */
  async list(query: ExecutionQuery): Promise<Page<ExecutionView>> {
    const records = await listExecutions(this.database, { ...query, limit: query.limit + 1 });
    const { items, nextCursor } = pageOf(records, Math.min(query.limit, howManyFit(records)), (record) => record);
    const views: ExecutionView[] = [];
    for (let start = 0; start < items.length; start += AT_ONCE) {
      const some = items.slice(start, start + AT_ONCE);
      views.push(...(await Promise.all(some.map((record) => this.viewOf(record)))));
    }
    return { items: views, nextCursor };
  }

  /** Readable as soon as its id was given out: what the read model does not have yet, the log has. */
  async get(workspaceId: WorkspaceId, id: ExecutionId): Promise<ExecutionView> {
    return this.viewOf(await this.recordOf(workspaceId, id));
  }

  /** The same as it is kept. */
  async recordOf(workspaceId: WorkspaceId, id: ExecutionId): Promise<ExecutionRecord> {
    return (await findExecution(this.database, workspaceId, id)) ?? (await this.#fromLog(workspaceId, id));
  }

  /** As the log has it this moment. */
  async getFresh(workspaceId: WorkspaceId, id: ExecutionId): Promise<ExecutionView> {
    return this.viewOf(await this.#fromLog(workspaceId, id));
  }

  /** As it was after its event `version`. Throws `EXECUTION_VERSION_NOT_FOUND`. */
  async getAt(workspaceId: WorkspaceId, id: ExecutionId, version: number): Promise<ExecutionView> {
    const fold = new ExecutionFold();
    for await (const commit of this.histories.commits(workspaceId, id)) {
      fold.add(commit, version);
      if (commit.firstVersion + commit.events.length > version) break;
    }
    const { record } = fold;
    if (record?.version === version) return this.viewOf(record);
    throw noSuchEvent(record?.version ?? 0, version);
  }

  /** The history from `afterVersion` on, oldest first. Throws before the first event when there is none to see. */
  async *events(workspaceId: WorkspaceId, id: ExecutionId, afterVersion = 0): AsyncGenerator<EventView> {
    const views = this.eventViews(afterVersion);
    for await (const commit of this.histories.commits(workspaceId, id)) yield* views.of(commit);
  }

  /** Shows the events of one history that is read elsewhere. */
  eventViews(afterVersion: number): EventViews {
    return new EventViews((payload) => this.#valueOf(payload), afterVersion);
  }

  /** A record as callers see it. */
  async viewOf(record: ExecutionRecord): Promise<ExecutionView> {
    const plan = await this.plans.planOf(record.workflowId, record.workflowVersion);
    return executionViewOf(record, {
      plan,
      valueOf: (payload) => this.#valueOf(payload),
      resumeUrlOf: (executionId, nodeId) => this.links.urlOf(executionId, nodeId),
    });
  }

  async #fromLog(workspaceId: WorkspaceId, id: ExecutionId): Promise<ExecutionRecord> {
    const fold = new ExecutionFold();
    for await (const commit of this.histories.commits(workspaceId, id)) fold.add(commit);
    const { record } = fold;
    if (!record) throw new InvariantError(`the history of ${id} has no event`);
    return record;
  }

  async #valueOf(payload: OwnPayload): Promise<JsonValue> {
    if ('erased' in payload) return { erased: { ...payload.erased } };
    return 'value' in payload ? payload.value : this.payloads.valueAt(payload.stored);
  }
}
