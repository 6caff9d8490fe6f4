import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type SuppressionId, type WorkspaceId } from '#libs/kernel';
import { findSuppression, listSuppressions, type Database } from '#libs/read-models';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { suppressionViewOf, type ListSuppressionsQuery, type SuppressionView } from './suppressions.dto.ts';

/** The list as the read model has it, without what has expired. */
@Injectable()
export class ReadSuppressions {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Newest first. */
  async list(
    workspaceId: WorkspaceId,
    { cursor, limit, ...filters }: ListSuppressionsQuery,
  ): Promise<Page<SuppressionView>> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const query = { ...filters, workspaceId, after, nowMs: this.clock.nowMs(), limit: limit + 1 };
    return pageOf((await listSuppressions(this.database, query)).map(suppressionViewOf), limit, (view) => view);
  }

  async get(workspaceId: WorkspaceId, id: SuppressionId): Promise<SuppressionView> {
    const found = await findSuppression(this.database, { workspaceId, id, nowMs: this.clock.nowMs() });
    if (!found) throw suppressionNotFound(id);
    return suppressionViewOf(found);
  }
}

export function suppressionNotFound(id: string): MillraceError {
  return new MillraceError('notFound', 'SUPPRESSION_NOT_FOUND', `there is no suppression ${id}`);
}
