import { Inject, Injectable } from '@nestjs/common';
import { ReadModelProgress, type WorkflowRecord } from '#libs/read-models';
import { RouteTable } from '#libs/webhook-routes';
import { WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';

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
  async of(record: WorkflowRecord, sequence: number): Promise<boolean> {
    const [read, routed] = await Promise.all([
      this.progress.waitFor(this.log.layout.streamOf(record.id), sequence, VISIBLE_WITHIN_MS),
      this.routes.waitUntil(() => this.#isRouted(record), VISIBLE_WITHIN_MS),
    ]);
    return read && routed;
  }

  /** An active workflow's URLs lead to its active version, an inactive one's nowhere. */
  #isRouted({ activeVersion, latestVersion, definition, endpoints }: WorkflowRecord): boolean {
    return endpoints.every(({ token, nodeId }) => {
      const route = this.routes.find(token);
      if (route) return route.version === activeVersion;
      // Which nodes an older version has is not in the record; what it no longer has, has no route.
      return activeVersion !== latestVersion || !definition.nodes.some((node) => node.id === nodeId);
    });
  }
}
