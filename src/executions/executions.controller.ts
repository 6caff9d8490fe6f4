import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import type { ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import type { ExecutionView } from './execution-view.ts';
import {
  listEventsQuery,
  listExecutionsQuery,
  type ListEventsQuery,
  type ListExecutionsQuery,
} from './executions.dto.ts';
import { ReadExecutions, type EventView } from './read-executions.ts';

@Controller('v1/executions')
export class ExecutionsController {
  constructor(private readonly readExecutions: ReadExecutions) {}

  @Get()
  @RequirePermission('executions:read')
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listExecutionsQuery }) query: ListExecutionsQuery,
  ): Promise<Page<ExecutionView>> {
    const { limit, cursor, trigger, ...filters } = query;
    const views = await this.readExecutions.list({
      ...defined(filters),
      workspaceId,
      limit: limit + 1,
      ...(trigger === undefined ? {} : { triggerType: trigger }),
      ...(cursor === undefined ? {} : { after: placeOf(cursor) }),
    });
    return pageOf(views, limit, (view) => view);
  }

  @Get(':id')
  @RequirePermission('executions:read')
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('execution') id: ExecutionId): Promise<ExecutionView> {
    return this.readExecutions.get(workspaceId, id);
  }

  /** JSON by pages; the whole history as NDJSON for who accepts it. */
  @Get(':id/events')
  @RequirePermission('executions:read')
  async events(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') id: ExecutionId,
    @Query({ schema: listEventsQuery }) { limit, cursor }: ListEventsQuery,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const events = this.readExecutions.events(workspaceId, id, cursor);
    if (accept?.includes('application/x-ndjson')) {
      // The first event is read before the answer begins, so that "not found" can still be said.
      const lines = await startedLines(events);
      await reply.type('application/x-ndjson').send(Readable.from(lines));
      return;
    }
    await reply.send(await pageOfEvents(events, limit));
  }
}

async function pageOfEvents(events: AsyncGenerator<EventView>, limit: number): Promise<Page<EventView>> {
  const items: EventView[] = [];
  for await (const event of events) {
    if (items.length === limit) return { items, nextCursor: String(items.at(-1)?.version ?? 0) };
    items.push(event);
  }
  return { items, nextCursor: null };
}

async function startedLines(events: AsyncGenerator<EventView>): Promise<AsyncGenerator<string>> {
  const first = await events.next();
  return (async function* () {
    if (!first.done) yield `${JSON.stringify(first.value)}\n`;
    for await (const event of events) yield `${JSON.stringify(event)}\n`;
  })();
}

/** The fields that were given. */
function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };
}
