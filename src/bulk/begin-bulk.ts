import { Inject, Injectable } from '@nestjs/common';
import { MAX_TARGETS } from '#libs/bulk-jobs';
import { MillraceError, toInstant, type Clock, type JobId, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import { PlanCache } from '#libs/execution-runtime';
import type { Plan } from '#libs/workflow-definition';
import type { Access } from '../platform/access/authenticator.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { defined } from '../platform/http/defined.ts';
import { CLOCK } from '../platform/tokens.ts';
import { versionIn } from '../workflows/version-in.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import { BulkJobs, type BulkAction } from './bulk-job.ts';
import { bulkJobViewOf, type BulkJobView } from './bulk-job-view.ts';
import { FindTargets } from './find-targets.ts';
import { STATUSES_FOR, type BackfillBody, type BulkBody } from './bulk.dto.ts';

/** Jobs that do the same to many executions: asked for here, done by the workers. */
@Injectable()
export class BeginBulk {
  constructor(
    private readonly targets: FindTargets,
    private readonly jobs: BulkJobs,
    private readonly workflows: WorkflowJournal,
    private readonly plans: PlanCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the job is in the log; it is then done to its end. */
  async begin(id: JobId, access: Access, { action, filter, from, version, ...rest }: BulkBody): Promise<BulkJobView> {
    const { status, trigger, ...filters } = filter;
    const search = {
      ...defined(filters),
      ...(trigger === undefined ? {} : { triggerType: trigger }),
      workspaceId: access.workspaceId,
      statuses: status === undefined ? STATUSES_FOR[action] : [status],
    };
    const found = await this.targets.executions(search, MAX_TARGETS + 1);
    const doing: BulkAction =
      action === 'cancel' ? { kind: 'cancel' } : { kind: 'retry', from: from ?? 'failed', version: version ?? 'same' };
    // Of the newest ones: what is cut off are the oldest.
    return this.accept(id, access, {
      ...rest,
      action: doing,
      targets: found.slice(-MAX_TARGETS),
      isCut: found.length > MAX_TARGETS,
    });
  }

  /** The calls of a webhook for a workflow that did not take them then. */
  async backfill(id: JobId, access: Access, workflowId: WorkflowId, body: BackfillBody): Promise<BulkJobView> {
    const { webhookId, from, to = toInstant(this.clock.nowMs()), mode, perSecond, dryRun } = body;
    const plan = await this.#planFor(access.workspaceId, workflowId, body.version);
    const { id: nodeId } = this.targets.triggerFor(plan, body.nodeId);
    const calls = await this.targets.calls(access.workspaceId, webhookId, { from, to, limit: MAX_TARGETS + 1 });
    const next = calls.at(MAX_TARGETS);
    const action: BulkAction = {
      ...{ kind: 'backfill', workflowId, workflowVersion: plan.version, nodeId },
      ...(mode === 'dry' ? { mode } : {}),
      ...(next ? { nextFrom: toInstant(next.createdAtMs) } : {}),
    };
    const targets = calls.slice(0, MAX_TARGETS).map((call) => call.id);
    return this.accept(id, access, { action, perSecond, dryRun, targets, isCut: next !== undefined });
  }

  async get(workspaceId: WorkspaceId, id: JobId): Promise<BulkJobView> {
    const job = await this.jobs.find(id);
    if (job?.workspaceId !== workspaceId)
      throw new MillraceError('notFound', 'JOB_NOT_FOUND', `there is no job ${id}; it is kept for 30 days`);
    return bulkJobViewOf(job, await this.jobs.progressOf(id));
  }

  /** What was done stays done; one that is over stays as it is. */
  async cancel(workspaceId: WorkspaceId, id: JobId): Promise<BulkJobView> {
    const { status } = await this.get(workspaceId, id);
    if (status === 'running') await this.jobs.cancel(id);
    return this.get(workspaceId, id);
  }

  /** Resolves when the job is in the log; it is then done to its end. */
  async accept(id: JobId, { workspaceId, actor }: Access, { dryRun, ...asked }: Accepted): Promise<BulkJobView> {
    const at = toInstant(this.clock.nowMs());
    const { action, targets } = asked;
    noteChange({ target: id, after: { action: action.kind, targets: targets.length, dryRun } });
    await this.jobs.begin({ id, workspaceId, actor, at, isDryRun: dryRun, ...asked });
    return this.get(workspaceId, id);
  }

  async #planFor(workspaceId: WorkspaceId, workflowId: WorkflowId, version: number | undefined): Promise<Plan> {
    const { record } = await this.workflows.read(workspaceId, workflowId);
    if (!record) throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
    return this.plans.planOf(workflowId, versionIn(record, version));
  }
}

export interface Accepted {
  readonly action: BulkAction;
  readonly perSecond: number;
  readonly dryRun: boolean;
  readonly targets: string[];
  readonly isCut: boolean;
}
