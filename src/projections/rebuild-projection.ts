import { Inject, Injectable } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { InvariantError, MillraceError } from '#libs/kernel';
import {
  announceRebuild,
  endRebuild,
  findOpenRebuild,
  findRebuild,
  orderRebuild,
  type Database,
  type ProjectionName,
  type RebuildOrder,
} from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { DATABASE } from '../read-models/tokens.ts';

/** Rebuilds are ordered here and done by a projector. */
@Injectable()
export class RebuildProjection {
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Throws `REBUILD_RUNNING`. */
  async order(order: {
    readonly id: string;
    readonly projection: ProjectionName;
    readonly compareOnly: boolean;
    readonly requestedBy: string;
  }): Promise<RebuildOrder> {
    const { id, projection, compareOnly } = order;
    noteChange({ target: projection, after: { rebuildId: id, compareOnly } });
    const isOrdered = await orderRebuild(this.database, order);
    // Also when there is one already: it may be that nobody heard of it.
    announceRebuild(this.connection, order.projection);
    if (!isOrdered) {
      const message = `a rebuild of ${order.projection} is under way; see GET /v1/projections, or cancel it`;
      throw new MillraceError('conflict', 'REBUILD_RUNNING', message);
    }
    const found = await findRebuild(this.database, order.id);
    if (!found) throw new InvariantError(`the order ${order.id} is gone as soon as it was given`);
    return found;
  }

  /** When none is under way, nothing changes. */
  async cancel(projection: ProjectionName): Promise<void> {
    const order = await findOpenRebuild(this.database, projection);
    noteChange({ target: projection, before: { rebuildId: order?.id ?? null } });
    if (order) await endRebuild(this.database, order.id, { phase: 'cancelled' });
    announceRebuild(this.connection, projection);
  }
}
