import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import type { ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedRead } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { defined } from '../platform/http/defined.ts';
import { pageSchema, placeOf, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { eventLines, eventView, executionView, type EventView, type ExecutionView } from './execution-view.ts';
import {
  listEventsQuery,
  listExecutionsQuery,
  stateQuery,
  type ListEventsQuery,
  type ListExecutionsQuery,
  type StateQuery,
} from './executions.dto.ts';
import { PlaceInLine } from './place-in-line.ts';
import { ReadExecutions } from './read-executions.ts';

@Controller('v1/executions')
export class ExecutionsController {
  constructor(
    private readonly readExecutions: ReadExecutions,
    private readonly placeInLine: PlaceInLine,
  ) {}

  @Get()
  @RequirePermission('executions:read')
  @AuditedRead('execution.list')
  @Operation({
    summary: 'List executions',
    description:
      'Newest first, in any combination of filters. A page has fewer than `limit` items, though more follow, when they ' +
      'hold more than 16 MiB of values.',
    answers: { 200: { description: 'A page of executions.', schema: pageSchema(executionView) } },
    refusals: { 400: ['INVALID_CURSOR'] },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listExecutionsQuery }) query: ListExecutionsQuery,
  ): Promise<Page<ExecutionView>> {
    const { cursor, trigger, ...filters } = query;
    return this.readExecutions.list({
      ...defined(filters),
      workspaceId,
      ...(trigger === undefined ? {} : { triggerType: trigger }),
      ...(cursor === undefined ? {} : { after: placeOf(cursor) }),
    });
  }

  @Get(':id')
  @RequirePermission('executions:read')
  @AuditedRead('execution.read')
  @Operation({
    summary: 'Read an execution',
    description: 'Readable as soon as its id was given out.',
    answers: { 200: { description: 'The execution.', schema: executionView } },
  })
  async get(@CurrentAccess() { workspaceId }: Access, @IdParam('execution') id: ExecutionId): Promise<ExecutionView> {
    return this.placeInLine.shownIn(await this.readExecutions.get(workspaceId, id));
  }

  @Get(':id/state')
  @RequirePermission('executions:read')
  @AuditedRead('execution.read')
  @Operation({
    summary: 'Read an execution as it was',
    description: 'Exactly as it was after event `version` of its history.',
    answers: { 200: { description: 'The execution at that point.', schema: executionView } },
    refusals: { 404: ['EXECUTION_VERSION_NOT_FOUND'] },
  })
  async state(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') id: ExecutionId,
    @Query({ schema: stateQuery }) { version }: StateQuery,
  ): Promise<ExecutionView> {
    return this.readExecutions.getAt(workspaceId, id, version);
  }

  /** JSON by pages; the whole history as NDJSON for who accepts it. */
  @Get(':id/events')
  @RequirePermission('executions:read')
  @AuditedRead('execution.read')
  @Operation({
    summary: "Read an execution's history",
    description: 'Oldest first: by pages, or the whole of it as lines of JSON with `Accept: application/x-ndjson`.',
    answers: {
      200: {
        description: 'A page of events.',
        schema: pageSchema(eventView),
        otherForms: { 'application/x-ndjson': eventLines },
      },
    },
  })
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
