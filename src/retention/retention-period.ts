import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.ts';
import type { Database } from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CONFIG } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import type { RetentionView } from './retention.dto.ts';

/** How long a workspace keeps executions that are over. */
@Injectable()
export class RetentionPeriod {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async get(workspaceId: string): Promise<RetentionView> {
    const [row] = await this.database.query<{ days: number | null }>(
      `select retention_days as days from workspaces where id = $1`,
      [workspaceId],
    );
    const days = row?.days ?? null;
    return { days, effectiveDays: days ?? this.config.retentionDays };
  }

  /** Null: as long as the installation says. */
  async set(workspaceId: string, days: number | null): Promise<RetentionView> {
    const before = await this.get(workspaceId);
    noteChange({ target: workspaceId, before: { days: before.days }, after: { days } });
    await this.database.query(`update workspaces set retention_days = $2 where id = $1`, [workspaceId, days]);
    return this.get(workspaceId);
  }
}
