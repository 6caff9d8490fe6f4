import { Inject, Injectable } from '@nestjs/common';
import { toInstant, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { findDescendants, findWithAncestors, type Database, type RelatedExecution } from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';
import type { LineageView, RelatedView } from './continuing.dto.ts';
import { ReadExecutions } from './read-executions.ts';

const MAX_DESCENDANTS = 500;

/** Where executions come from, and what came of them. */
@Injectable()
export class ReadLineage {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly readExecutions: ReadExecutions,
  ) {}

  async of(workspaceId: WorkspaceId, id: ExecutionId): Promise<LineageView> {
    // Of the log where the read model is behind it; those that it comes from are older than that.
    const { origin } = await this.readExecutions.recordOf(workspaceId, id);
    const [ancestors, descendants] = await Promise.all([
      origin ? findWithAncestors(this.database, workspaceId, origin.executionId) : [],
      findDescendants(this.database, workspaceId, { id, limit: MAX_DESCENDANTS + 1 }),
    ]);
    return {
      ancestors: ancestors.map(viewOf),
      descendants: descendants.slice(0, MAX_DESCENDANTS).map(viewOf),
      isCut: descendants.length > MAX_DESCENDANTS,
    };
  }
}

function viewOf({ id, createdAtMs, origin, ...rest }: RelatedExecution): RelatedView {
  return { executionId: id, ...rest, createdAt: toInstant(createdAtMs), origin: origin && originOf(origin) };
}

function originOf(origin: NonNullable<RelatedExecution['origin']>): NonNullable<RelatedView['origin']> {
  const { kind, executionId } = origin;
  return {
    kind,
    executionId,
    ...('version' in origin ? { version: origin.version } : {}),
    ...('nodeId' in origin ? { nodeId: origin.nodeId } : {}),
  };
}
