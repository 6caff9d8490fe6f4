import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { invalidCursor, pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { csvOf, linesOf } from './audit-forms.ts';
import { auditItemView, auditLines, auditTable, type AuditItemView } from './audit-view.ts';
import { listAuditQuery, type ListAuditQuery } from './audit.dto.ts';
import { ReadAudit } from './read-audit.ts';

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly reading: ReadAudit) {}

  @Get()
  @RequirePermission('audit:read')
  @Operation({
    summary: 'Read the audit',
    description:
      'What people and API keys did, and which payloads auditors were shown: newest first, in any combination of ' +
      'filters. By pages, or all that match as lines of JSON or as a table, by `Accept`.',
    answers: {
      200: {
        description: 'A page.',
        schema: pageSchema(auditItemView),
        otherForms: { 'application/x-ndjson': auditLines, 'text/csv': auditTable },
      },
    },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listAuditQuery }) { cursor, limit, ...filters }: ListAuditQuery,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const query = { ...filters, workspaceId };
    if (accept?.includes('application/x-ndjson')) {
      await reply.type('application/x-ndjson').send(Readable.from(await linesOf(this.reading.all(query))));
    } else if (accept?.includes('text/csv')) {
      await reply.type('text/csv; charset=utf-8').send(Readable.from(await csvOf(this.reading.all(query))));
    } else {
      const before = cursor === undefined ? undefined : placeOf(cursor);
      await reply.send(pageOf(await this.reading.list({ ...query, before, limit: limit + 1 }), limit));
    }
  }
}

function pageOf(items: readonly AuditItemView[], limit: number): Page<AuditItemView> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, nextCursor: items.length > limit && last ? String(last.index) : null };
}

function placeOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw invalidCursor();
  return Number(cursor);
}
