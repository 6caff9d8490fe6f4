import { Inject, Injectable } from '@nestjs/common';
import { ReadModelProgress } from '#libs/read-models';
import { RouteTable, routesOf, type Route } from '#libs/webhook-routes';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import type { ChangedWorkflow } from './workflow-journal.ts';

/** A mutating call answers when what follows it sees the change, at most this much later. */
const VISIBLE_WITHIN_MS = 2000;

/** Whether a change of a workflow is seen by the calls that follow: by reads, and by its webhooks. */
@Injectable()
export class Visibility {
  constructor(
    private readonly progress: ReadModelProgress,
    private readonly routes: RouteTable,
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
  ) {}

  /** True as soon as it is; false when it was not in time. */
  async of(changed: ChangedWorkflow): Promise<boolean> {
    const { record, sequence } = changed;
    const expected = routesExpected(changed);
    const [read, routed] = await Promise.all([
      this.progress.waitFor(this.log.layout.streamOf(record.id), sequence, VISIBLE_WITHIN_MS),
      this.routes.waitUntil(
        () => record.endpoints.every(({ token }) => this.#versionAt(token) === expected.get(token)?.version),
        VISIBLE_WITHIN_MS,
      ),
    ]);
    return read && routed;
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
