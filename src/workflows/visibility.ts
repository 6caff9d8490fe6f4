import { Inject, Injectable } from '@nestjs/common';
import type { NodeTypes } from '#libs/node-kit';
import { ReadModelProgress } from '#libs/read-models';
import { ScheduleTable } from '#libs/scheduler';
import { RouteTable, routesOf, type Route } from '#libs/webhook-routes';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { scheduleIdOf } from '../schedules/schedule-ids.ts';
import type { ChangedWorkflow } from './workflow-journal.ts';

/**
 * Whether a change of a workflow is seen by the calls that follow: by reads, by its webhooks and its schedules. A mutating call
 * answers when it is, at most so much later as is waited for reads.
 */
@Injectable()
export class Visibility {
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly routes: RouteTable,
    private readonly schedules: ScheduleTable,
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
  ) {}

  /** True as soon as it is; false when it was not in time. */
  async of(changed: ChangedWorkflow): Promise<boolean> {
    const { record, sequence } = changed;
    const expected = routesExpected(changed, this.nodeTypes);
    const [read, routed, scheduled] = await Promise.all([
      this.progress.waitFor(this.log.layout.streamOf(record.id), sequence),
      this.routes.waitUntil(
        () => record.endpoints.every(({ token }) => this.#versionAt(token) === expected.get(token)?.version),
        this.progress.withinMs,
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
    const isAsWanted = (id: string): boolean => this.schedules.summaryOf(id)?.armedVersion === version;
    // Looked at with each change of any schedule: the one that was waited for comes first, and all only when it is there.
    let waitedFor = 0;
    const areAll = (): boolean => {
      const id = ids[waitedFor];
      if (id !== undefined && !isAsWanted(id)) return false;
      waitedFor = ids.findIndex((other) => !isAsWanted(other));
      return waitedFor < 0;
    };
    return this.schedules.waitUntil(areAll, this.progress.withinMs);
  }

  #versionAt(token: string): number | undefined {
    return this.routes.find(token)?.version;
  }
}

/** An active workflow's URLs lead to its active version, those of nodes that it does not have and an inactive one's nowhere. */
function routesExpected({ record, active }: ChangedWorkflow, nodeTypes: NodeTypes): ReadonlyMap<string, Route> {
  const { id, workspaceId, activeVersion, endpoints } = record;
  if (activeVersion === null || !active) return new Map();
  return routesOf({ id, workspaceId, version: activeVersion, definition: active, endpoints }, nodeTypes);
}
