import { Injectable } from '@nestjs/common';
import { Quotas } from '#libs/destination-limits-jetstream';
import { toInstant, type WorkspaceId } from '#libs/kernel';
import type { Page } from '../platform/http/page.ts';
import { pageByKey } from '../platform/http/page-by-key.ts';
import type { ListQuotasQuery, QuotaView } from './quotas.dto.ts';

/** A workspace's quotas as workers left them. */
@Injectable()
export class ReadQuotas {
  constructor(private readonly quotas: Quotas) {}

  async list(workspaceId: WorkspaceId, query: ListQuotasQuery): Promise<Page<QuotaView>> {
    const quotas = await this.quotas.list(workspaceId);
    return pageByKey(quotas, query, ({ key, limit, left, resetsAtMs, known, waitsUntilMs }) => ({
      key,
      limit,
      left,
      resetsAt: instantOf(resetsAtMs),
      known,
      waitsUntil: instantOf(waitsUntilMs),
    }));
  }
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : toInstant(Math.ceil(ms));
}
