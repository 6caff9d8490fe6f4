import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { Operators } from './operators.ts';
import { PauseQueue } from './pause-queue.ts';
import { queuesView, type QueuesView } from './queues.dto.ts';
import { ReadQueues } from './read-queues.ts';

const NOT_YOURS = { 403: ['NOT_AN_OPERATOR'] };

@Controller('v1/queues')
export class QueuesController {
  constructor(
    private readonly operators: Operators,
    private readonly reading: ReadQueues,
    private readonly pausing: PauseQueue,
  ) {}

  @Get()
  @RequirePermission('queues:read')
  @Operation({
    summary: 'List the queues',
    description:
      'What waits for workers, in the whole installation and not in a workspace. Executions wait in one of three lanes ' +
      'to be begun, by the priority of their workflow; attempts of nodes wait for hands of their executor class, one ' +
      'queue each. Owners see them; with `MILLRACE_OPERATORS` set, those of the workspaces that it names. All queues ' +
      'are on one page. Figures of what workers did are up to 3 s old.',
    answers: { 200: { description: 'Every queue.', schema: queuesView } },
    refusals: NOT_YOURS,
  })
  async list(@CurrentAccess() access: Access): Promise<QueuesView> {
    this.operators.ensure(access);
    return { items: [...(await this.reading.all())], nextCursor: null };
  }

  @Post(':name/pause')
  @HttpCode(204)
  @RequirePermission('queues:write')
  @AuditedChange('queue.pause')
  @Operation({
    summary: 'Pause a queue',
    description:
      'No worker takes anything from it until it is resumed; what is with a worker goes on. What is accepted meanwhile ' +
      'waits and is not lost. Pausing a paused queue changes nothing.',
    answers: { 204: { description: 'It is paused; all workers hear of it within milliseconds.' } },
    refusals: { ...NOT_YOURS, 404: ['QUEUE_NOT_FOUND'] },
  })
  async pause(@CurrentAccess() access: Access, @Param('name') name: string): Promise<void> {
    this.operators.ensure(access);
    await this.pausing.set(name, true, access);
  }

  @Post(':name/resume')
  @HttpCode(204)
  @RequirePermission('queues:write')
  @AuditedChange('queue.resume')
  @Operation({
    summary: 'Resume a queue',
    description: 'Resuming a queue that is not paused changes nothing.',
    answers: { 204: { description: 'Workers take from it again.' } },
    refusals: { ...NOT_YOURS, 404: ['QUEUE_NOT_FOUND'] },
  })
  async resume(@CurrentAccess() access: Access, @Param('name') name: string): Promise<void> {
    this.operators.ensure(access);
    await this.pausing.set(name, false, access);
  }
}
