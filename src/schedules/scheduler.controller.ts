import { Controller, Get } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { Operators } from '../queues/operators.ts';
import { ReadScheduler } from './read-scheduler.ts';
import { schedulerView, type SchedulerView } from './scheduler-view.ts';

@Controller('v1/scheduler')
export class SchedulerController {
  constructor(
    private readonly operators: Operators,
    private readonly reading: ReadScheduler,
  ) {}

  @Get()
  @RequirePermission('queues:read')
  @Operation({
    summary: 'See who leads the scheduling',
    description:
      'One process of those with the role `scheduler` fires the schedules of the whole installation; when it dies another ' +
      'one takes over within seconds. Who leads is for speed alone: the log lets each slot be decided once, whoever tries. ' +
      'Owners see it; with `MILLRACE_OPERATORS` set, those of the workspaces that it names.',
    answers: { 200: { description: 'The leader, and what it told of its work.', schema: schedulerView } },
    refusals: { 403: ['NOT_AN_OPERATOR'] },
  })
  read(@CurrentAccess() access: Access): Promise<SchedulerView> {
    this.operators.ensure(access);
    return this.reading.read();
  }
}
