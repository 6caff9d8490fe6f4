import { Inject, Injectable } from '@nestjs/common';
import { ReadModelProgress } from '#libs/read-models';
import { ScheduleTable } from '#libs/scheduler';
import { openPeriodOf } from '#libs/schedule';
import { RouteTable, routesOf, type Route } from '#libs/webhook-routes';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { scheduleIdOf } from '../schedules/schedule-ids.ts';
import type { ChangedWorkflow } from './workflow-journal.ts';

/** A mutating call answers when what follows it sees the change, at most this much later. */
const VISIBLE_WITHIN_MS = 2000;

/** Whether a change of a workflow is seen by the calls that follow: by reads, and by its webhooks. */
@Injectable()
export class Visibility {
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly routes: RouteTable,
    private readonly schedules: ScheduleTable,
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
  ) {}

  /** True as soon as it is; false when it was not in time. */
  async of(changed: ChangedWorkflow): Promise<boolean> {
    const { record, sequence } = changed;
    const expected = routesExpected(changed);
    const [read, routed, scheduled] = await Promise.all([
      this.progress.waitFor(this.log.layout.streamOf(record.id), sequence, VISIBLE_WITHIN_MS),
      this.routes.waitUntil(
        () => record.endpoints.every(({ token }) => this.#versionAt(token) === expected.get(token)?.version),
        VISIBLE_WITHIN_MS,
      ),
      this.#scheduled(changed),
    ]);
    return read && routed && scheduled;
  }

  /** The schedules of the active version are armed, those of an inactive workflow are not. */
  #scheduled({ record, active }: ChangedWorkflow): Promise<boolean> {
    const version = record.activeVersion ?? undefined;
    const ids = (active ?? record.definition).nodes
      .filter(({ type }) => type === 'trigger.schedule')
      .map(({ id }) => scheduleIdOf(record.id, id));
    return this.schedules.waitUntil(() => ids.every((id) => this.#armedVersionOf(id) === version), VISIBLE_WITHIN_MS);
  }

  #armedVersionOf(scheduleId: string): number | undefined {
    const state = this.schedules.find(scheduleId)?.state;
    return state && openPeriodOf(state)?.terms.version;
  }

  #versionAt(token: string): number | undefined {
    return this.routes.find(token)?.version;
  }
}

/** An active workflow's URLs lead to its active version, those of nodes that it does not have and an inactive one's nowhere. */
function routesExpected({ record, active }: ChangedWorkflow): ReadonlyMap<string, Route> {
  const { id, workspaceId, activeVersion, endpoints } = record;
  if (activeVersion === null || !active) return new Map();
  return routesOf({ id, workspaceId, version: activeVersion, definition: active, endpoints });
}
