import { Controller, Delete, Get, HttpCode, Param, Post, Query, Res, type PipeTransform } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MillraceError } from '#libs/kernel';
import { isProjectionName, PROJECTION_NAMES, type ProjectionName } from '#libs/read-models';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import type { Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { Operators } from '../queues/operators.ts';
import {
  listParkedQuery,
  parkedEventsView,
  projectionsView,
  rebuildQuery,
  rebuildView,
  type ListParkedQuery,
  type ParkedEventView,
  type ProjectionsView,
  type RebuildQuery,
  type RebuildView,
} from './projections.dto.ts';
import { ReadParked } from './read-parked.ts';
import { ReadProjections } from './read-projections.ts';
import { RebuildProjection } from './rebuild-projection.ts';

class ProjectionNamePipe implements PipeTransform<string, ProjectionName> {
  transform(name: string): ProjectionName {
    if (isProjectionName(name)) return name;
    const message = `there are ${PROJECTION_NAMES.join(', ')}`;
    throw new MillraceError('notFound', 'PROJECTION_NOT_FOUND', message);
  }
}
const Name = (): ParameterDecorator => Param('name', new ProjectionNamePipe());

const NOT_YOURS = { 403: ['NOT_AN_OPERATOR'] };

@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly operators: Operators,
    private readonly reading: ReadProjections,
    private readonly parked: ReadParked,
    private readonly rebuilding: RebuildProjection,
  ) {}

  @Get()
  @RequirePermission('projections:read')
  @Operation({
    summary: 'List the projections',
    description:
      'What lists and searches read is made of the log, each kind by itself. Of the whole installation and not of a ' +
      'workspace: owners see them; with `MILLRACE_OPERATORS` set, those of the workspaces that it names. All are on one page.',
    answers: { 200: { description: 'Every projection.', schema: projectionsView } },
    refusals: NOT_YOURS,
  })
  async list(@CurrentAccess() access: Access): Promise<ProjectionsView> {
    this.operators.ensure(access);
    return { items: [...(await this.reading.all())], nextCursor: null };
  }

  @Post(':name/rebuild')
  @RequirePermission('projections:write')
  @AuditedChange('projection.rebuild')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Rebuild a projection',
    description:
      'A projector makes all of its rows again from the log, beside the live ones, which go on meanwhile. When they are ' +
      'level, they are held against each other and the rebuilt ones take over, also where they differ: `lastRebuild` ' +
      'says which do. Events that were parked are tried again. It goes on through restarts.',
    answers: { 202: { description: 'It was ordered.', schema: rebuildView, headers: ['location'] } },
    refusals: { ...NOT_YOURS, 404: ['PROJECTION_NOT_FOUND'], 409: ['REBUILD_RUNNING'] },
  })
  async rebuild(
    @CurrentAccess() access: Access,
    @Name() projection: ProjectionName,
    @Query({ schema: rebuildQuery }) { compareOnly }: RebuildQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RebuildView> {
    this.operators.ensure(access);
    const id = creationIdsOf(reply.request).newId('rebuild');
    const order = await this.rebuilding.order({ id, projection, compareOnly, requestedBy: access.actor.id });
    reply.header('location', '/v1/projections');
    return this.reading.rebuildView(order);
  }

  @Delete(':name/rebuild')
  @HttpCode(204)
  @RequirePermission('projections:write')
  @AuditedChange('projection.cancelRebuild')
  @Operation({
    summary: 'Cancel a rebuild',
    description: 'What was built is dropped; the live rows stay as they are. When none is under way, nothing changes.',
    answers: { 204: { description: 'It is over.' } },
    refusals: { ...NOT_YOURS, 404: ['PROJECTION_NOT_FOUND'] },
  })
  async cancel(@CurrentAccess() access: Access, @Name() projection: ProjectionName): Promise<void> {
    this.operators.ensure(access);
    await this.rebuilding.cancel(projection);
  }

  @Get(':name/parked')
  @RequirePermission('projections:read')
  @Operation({
    summary: 'List the events that a projection could not take',
    description:
      'In the order of the log. Each is set aside, with all that comes later in the same history, and holds up nobody ' +
      'else. A rebuild tries them again.',
    answers: { 200: { description: 'A page.', schema: parkedEventsView } },
    refusals: { ...NOT_YOURS, 404: ['PROJECTION_NOT_FOUND'] },
  })
  listParked(
    @CurrentAccess() access: Access,
    @Name() projection: ProjectionName,
    @Query({ schema: listParkedQuery }) query: ListParkedQuery,
  ): Promise<Page<ParkedEventView>> {
    this.operators.ensure(access);
    return this.parked.list(projection, query);
  }
}
