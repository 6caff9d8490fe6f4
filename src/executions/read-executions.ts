import { Inject, Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import { Payloads, PlanCache } from '#libs/execution-runtime';
import type { ExecutionEvent, OwnPayload } from '#libs/execution-engine';
import { MillraceError, type ExecutionId, type JsonValue, type WorkspaceId } from '#libs/kernel';
import {
  ExecutionFold,
  findExecution,
  listExecutions,
  recordedOutputOf,
  type Database,
  type ExecutionQuery,
  type ExecutionRecord,
} from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';
import { pageOf, type Page } from '../platform/http/page.ts';
import type { EventView, ExecutionView } from './execution-view.ts';
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
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
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
    const record = (await findExecution(this.database, workspaceId, id)) ?? (await this.#fromLog(workspaceId, id));
    return this.viewOf(record);
  }

  /** As the log has it this moment. */
  async getFresh(workspaceId: WorkspaceId, id: ExecutionId): Promise<ExecutionView> {
    return this.viewOf(await this.#fromLog(workspaceId, id));
  }

  /** As it was after its event `version`. Throws `EXECUTION_VERSION_NOT_FOUND`. */
  async getAt(workspaceId: WorkspaceId, id: ExecutionId, version: number): Promise<ExecutionView> {
    const fold = new ExecutionFold();
    for await (const commit of this.#commits(workspaceId, id)) {
      fold.add(commit, version);
      if (commit.firstVersion + commit.events.length > version) break;
    }
    const { record } = fold;
    if (record?.version === version) return this.viewOf(record);
    const message = `the execution has had ${record?.version ?? 0} events so far, and there is no ${version}`;
    throw new MillraceError('notFound', 'EXECUTION_VERSION_NOT_FOUND', message);
  }

  /** The history from `afterVersion` on, oldest first. Throws before the first event when there is none to see. */
  async *events(workspaceId: WorkspaceId, id: ExecutionId, afterVersion = 0): AsyncGenerator<EventView> {
    const fold = new ExecutionFold();
    for await (const commit of this.#commits(workspaceId, id)) {
      fold.add(commit);
      const { record } = fold;
      for (const [index, event] of commit.events.entries()) {
        const version = commit.firstVersion + index;
        if (version > afterVersion) yield await this.#eventView(commit, { event, version, record });
      }
    }
  }

  /** The history as it is stored. Throws before the first commit when there is none to see. */
  commits(workspaceId: WorkspaceId, id: ExecutionId): AsyncGenerator<StoredCommit<ExecutionEvent>> {
    return this.#commits(workspaceId, id);
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
    for await (const commit of this.#commits(workspaceId, id)) fold.add(commit);
    if (!fold.record) throw notFound(id);
    return fold.record;
  }

  /** The history, if it is of this workspace; another's looks as if it were not there. */
  async *#commits(workspaceId: WorkspaceId, id: ExecutionId): AsyncGenerator<StoredCommit<ExecutionEvent>> {
    let first = true;
    for await (const commit of this.log.store.readHistory(id)) {
      if (first && !startedIn(commit, workspaceId)) throw notFound(id);
      first = false;
      yield commit;
    }
    if (first) throw notFound(id);
  }

  async #eventView(
    { at, actor }: StoredCommit<ExecutionEvent>,
    { event, version, record }: { event: ExecutionEvent; version: number; record: ExecutionRecord | undefined },
  ): Promise<EventView> {
    const data = await this.#dataOf(event, record);
    return { version, type: event.type, at, data, ...(actor ? { actor } : {}) };
  }

  /** Event data with payloads as the values they stand for; `record` is the fold up to and with the event's commit. */
  async #dataOf(event: ExecutionEvent, record: ExecutionRecord | undefined): Promise<EventView['data']> {
    const values: Record<string, unknown> = { ...event.data };
    for (const [field, payload] of payloadsIn(event, record))
      values[field] = payload ? await this.#valueOf(payload) : null;
    if (event.type === 'ExecutionStarted' && event.data.pins) values['pins'] = await this.#valuesOf(event.data.pins);
    return values;
  }

  async #valuesOf(payloads: Readonly<Record<string, OwnPayload>>): Promise<Record<string, JsonValue>> {
    const values = Object.entries(payloads).map(async ([id, payload]) => [id, await this.#valueOf(payload)] as const);
    return Object.fromEntries(await Promise.all(values));
  }

  async #valueOf(payload: OwnPayload): Promise<JsonValue> {
    return 'value' in payload ? payload.value : this.payloads.valueAt(payload.stored);
  }
}

/** Fields of an event's data that stand for values. */
function payloadsIn(
  event: ExecutionEvent,
  record: ExecutionRecord | undefined,
): readonly (readonly [string, OwnPayload | undefined])[] {
  switch (event.type) {
    case 'ExecutionStarted':
      return [['input', event.data.input]];
    case 'NodeSucceeded':
      return [['output', record && recordedOutputOf(record, event.data.nodeId)]];
    case 'SignalReceived':
      return [['payload', event.data.payload]];
    case 'NodeLoopStarted':
      return [['items', event.data.items]];
    case 'NodeBatchEnded':
      return [['results', event.data.results]];
    default:
      return [];
  }
}

function startedIn(commit: StoredCommit<ExecutionEvent>, workspaceId: string): boolean {
  const [event] = commit.events;
  return event?.type === 'ExecutionStarted' && event.data.workspaceId === workspaceId;
}

function notFound(id: string): MillraceError {
  return new MillraceError('notFound', 'EXECUTION_NOT_FOUND', `there is no execution ${id}`);
}
