import { Inject, Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { Payloads } from '#libs/execution-runtime';
import { InvariantError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { bundleText, type BundledWorkflow } from '#libs/replay-bundle';
import { contentHashOf } from '#libs/workflow-definition';
import { ExecutionHistories } from '../executions/execution-histories.ts';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { findDefinition } from '../workflows/load-plan.ts';

type Commits = AsyncGenerator<StoredCommit<ExecutionEvent>>;

/** Everything about one execution as one document, which replays anywhere. */
@Injectable()
export class ReadBundle {
  constructor(
    private readonly histories: ExecutionHistories,
    private readonly payloads: Payloads,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
  ) {}

  /** Its text in parts. Throws before the first of them when there is no such execution. */
  async execute(workspaceId: WorkspaceId, executionId: ExecutionId): Promise<AsyncGenerator<string>> {
    const commits = this.histories.commits(workspaceId, executionId);
    const { value: first } = (await commits.next()) as { value: StoredCommit<ExecutionEvent> | undefined };
    const [started] = first?.events ?? [];
    if (!first || started?.type !== 'ExecutionStarted') throw new InvariantError(`${executionId} has no beginning`);
    return bundleText({
      executionId,
      workspaceId,
      workflow: await this.#workflow(started.data.workflowId, started.data.workflowVersion),
      commits: from(first, commits),
      valueAt: (reference) => this.payloads.valueAt(reference),
    });
  }

  async #workflow(id: string, version: number): Promise<BundledWorkflow> {
    const definition = await findDefinition(this.workflows.store, id, version);
    if (!definition) throw new InvariantError(`${id} has no version ${version}`);
    const contentHash = contentHashOf(definition, (text) => hash('sha256', text));
    return { id, name: definition.name, version, contentHash, definition };
  }
}

async function* from(first: StoredCommit<ExecutionEvent>, rest: Commits): Commits {
  yield first;
  yield* rest;
}
