import { Inject, Injectable } from '@nestjs/common';
import { DataErasedError, failureOf, scopeOf } from '#libs/execution-engine';
import type { Scope } from '#libs/expressions';
import { KnownStates, Payloads, PlanCache } from '#libs/execution-runtime';
import { MillraceError, type DeadLetterId, type JsonValue, type WorkspaceId } from '#libs/kernel';
import {
  findDeadLetter,
  listDeadLetters,
  type Database,
  type DeadLetterFilter,
  type DeadLetterRecord,
} from '#libs/read-models';
import type { Plan } from '#libs/workflow-definition';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { deadLetterViewOf, type DeadLetterView } from './dead-letter-view.ts';

/** Reads dead letters from the read model; what they were to work on, from the history of their executions. */
@Injectable()
export class ReadDeadLetters {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly states: KnownStates,
    private readonly plans: PlanCache,
    private readonly payloads: Payloads,
  ) {}

  async list(
    filter: DeadLetterFilter,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<Page<DeadLetterView>> {
    const { cursor, limit } = page;
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const records = await listDeadLetters(this.database, filter, { after, limit: limit + 1 });
    return pageOf(records, limit, (record) => deadLetterViewOf(record));
  }

  async get(workspaceId: WorkspaceId, id: DeadLetterId): Promise<DeadLetterView> {
    const record = await this.find(workspaceId, id);
    return deadLetterViewOf(record, await this.#payloadOf(record));
  }

  async find(workspaceId: WorkspaceId, id: DeadLetterId): Promise<DeadLetterRecord> {
    const record = await findDeadLetter(this.database, workspaceId, id);
    if (record) return record;
    throw new MillraceError('notFound', 'DEAD_LETTER_NOT_FOUND', `there is no dead letter ${id}`);
  }

  async #payloadOf({ kind, task, executionId, nodeId, createdAt }: DeadLetterRecord): Promise<JsonValue> {
    if (kind === 'poison') return task?.payload ?? null;
    const { state } = await this.states.read(executionId, { fresh: true });
    if (state.status === 'none' || nodeId === null) return null;
    const plan = await this.plans.planOf(state.workflowId, state.workflowVersion);
    const stored = await this.payloads.loadFor(state);
    return configOf(plan, nodeId, scopeOf(executionId, state, { plan, stored, at: createdAt }));
  }
}

/** Null where there is none, its expressions fail, or its data was erased. */
function configOf(plan: Plan, nodeId: string, scope: Scope): JsonValue {
  const node = plan.nodes.get(nodeId);
  if (node?.runs !== 'executor') return null;
  try {
    return node.resolveConfig(scope);
  } catch (error) {
    if (error instanceof DataErasedError) return null;
    // Throws what is no fault of the config.
    failureOf(error);
    return null;
  }
}
