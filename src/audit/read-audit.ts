import { Inject, Injectable } from '@nestjs/common';
import { AUDIT_STREAM, AuditLog, type AuditEnd } from '#libs/audit-log';
import { LogUnavailableError, type Actor } from '#libs/event-sourcing';
import {
  appliedSequence,
  listAuditItems,
  ReadModelProgress,
  type AuditItem,
  type AuditQuery,
  type Database,
} from '#libs/read-models';
import { ActorNames } from '../accounts/actor-names.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { auditItemViewOf, type AuditItemView } from './audit-view.ts';

const AT_ONCE = 500;

@Injectable()
export class ReadAudit {
  constructor(
    private readonly log: AuditLog,
    private readonly progress: ReadModelProgress,
    private readonly names: ActorNames,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Newest first. While the log is away it shows what was read of it. */
  async list(query: AuditQuery): Promise<AuditItemView[]> {
    await this.#seen(query.workspaceId);
    return this.#page(query);
  }

  /** All that match, newest first, never more than a page of them in memory. */
  async *all(query: Omit<AuditQuery, 'before' | 'limit'>): AsyncGenerator<AuditItemView> {
    await this.#seen(query.workspaceId);
    for (let before: number | undefined; ;) {
      const page = await this.#page({ ...query, before, limit: AT_ONCE });
      yield* page;
      if (page.length < AT_ONCE) return;
      before = page.at(-1)?.index;
    }
  }

  /** Whether reads show all of the log up to that end; waits for it as long as is waited for reads. */
  async shows({ sequence }: AuditEnd): Promise<boolean> {
    if ((await appliedSequence(this.database, AUDIT_STREAM)) >= sequence) return true;
    return this.progress.waitFor(AUDIT_STREAM, sequence);
  }

  async #seen(workspaceId: string): Promise<void> {
    try {
      const end = await this.log.endOf(workspaceId);
      if (end) await this.shows(end);
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
    }
  }

  async #page(query: AuditQuery): Promise<AuditItemView[]> {
    const items = await listAuditItems(this.database, query);
    const names = await this.names.of(items.flatMap(actorsOf));
    return items.map((item) => auditItemViewOf(item, names));
  }
}

function actorsOf({ entry }: AuditItem): Actor[] {
  return 'actor' in entry && entry.actor ? [entry.actor] : [];
}
