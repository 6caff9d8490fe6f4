import { Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DEAD_LETTER_STREAM } from '#libs/dead-letters';
import type { DeadLetterId } from '#libs/kernel';
import { ReadModelProgress } from '#libs/read-models';
import { startedView, type StartedView } from '../executions/execution-view.ts';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, AuditedRead, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { deadLetterView, type DeadLetterView } from './dead-letter-view.ts';
import { listDeadLettersQuery, type ListDeadLettersQuery } from './dead-letters.dto.ts';
import { DiscardDeadLetter } from './discard-dead-letter.ts';
import { ReadDeadLetters } from './read-dead-letters.ts';
import { RedriveDeadLetter } from './redrive-dead-letter.ts';

@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly reading: ReadDeadLetters,
    private readonly redriving: RedriveDeadLetter,
    private readonly discarding: DiscardDeadLetter,
    private readonly progress: ReadModelProgress,
  ) {}

  @Get()
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'List dead letters',
    description: 'Newest first, in any combination of filters. Those that are open, unless asked otherwise.',
    answers: { 200: { description: 'A page, without payloads.', schema: pageSchema(deadLetterView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listDeadLettersQuery }) { cursor, limit, ...filter }: ListDeadLettersQuery,
  ): Promise<Page<DeadLetterView>> {
    return this.reading.list({ ...filter, workspaceId }, { cursor, limit });
  }

  @Get(':id')
  @RequirePermission('executions:read')
  @AuditedRead('deadLetter.read')
  @Operation({
    summary: 'Read a dead letter',
    answers: { 200: { description: 'The dead letter, with its payload.', schema: deadLetterView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('deadLetter') id: DeadLetterId): Promise<DeadLetterView> {
    return this.reading.get(workspaceId, id);
  }

  @Post(':id/redrive')
  @RequirePermission('executions:start')
  @AuditedChange('deadLetter.redrive')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Redrive a dead letter',
    description:
      'Starts a new execution of the same workflow version with the same input, which keeps the results before the node ' +
      'that failed; that node and all that was not over run again. Asked again, it answers the same execution. When that ' +
      'one fails too, it has a dead letter of its own. Poison is handed to the workers again, in its own execution.',
    answers: { 202: { description: 'Its work goes on.', schema: startedView, headers: ['location'] } },
    refusals: { 409: ['DATA_ERASED', 'DEAD_LETTER_SETTLED', 'HISTORY_GONE', 'WORKFLOW_DELETED'] },
  })
  async redrive(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('deadLetter') id: DeadLetterId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedView> {
    const { executionId, sequence } = await this.redriving.redrive({ workspaceId, deadLetterId: id, actor });
    await this.#visible(sequence);
    reply.header('location', `/v1/executions/${executionId}`);
    return { executionId };
  }

  @Post(':id/discard')
  @RequirePermission('executions:start')
  @AuditedChange('deadLetter.discard')
  @HttpCode(204)
  @Operation({
    summary: 'Discard a dead letter',
    description: 'Its work will not be done; it stays readable. Discarding it again changes nothing.',
    answers: {
      204: { description: 'It is discarded.' },
      202: { description: 'It is discarded, and lists show it a little later.' },
    },
    refusals: { 409: ['DEAD_LETTER_SETTLED'] },
  })
  async discard(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('deadLetter') id: DeadLetterId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const sequence = await this.discarding.discard(workspaceId, id, actor);
    if (!(await this.#visible(sequence))) reply.status(202);
  }

  async #visible(sequence: number | undefined): Promise<boolean> {
    return sequence === undefined || this.progress.waitFor(DEAD_LETTER_STREAM, sequence);
  }
}
