import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { isKnown } from '../platform/http/entity-tags.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { pageOfVersions, versionOfCursor, versionParam } from '../platform/http/versions.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ReadVersions } from './read-versions.ts';
import { versionDiffView, type VersionDiffView } from './version-diff-view.ts';
import { UNCHANGED } from './workflow-answers.ts';
import { versionSummaryView, versionView, type VersionSummaryView, type VersionView } from './workflow-version-view.ts';
import { listVersionsQuery, type ListVersionsQuery } from './workflows.dto.ts';

/** Of routes that name a version: what is no number is malformed, what nobody published is not there. */
const VERSION_REFUSALS = { 400: ['INVALID_REQUEST'], 404: ['WORKFLOW_VERSION_NOT_FOUND'] };

/** Published versions: they are read and compared, and never change. */
@Controller('v1/workflows/:id/versions')
export class WorkflowVersionsController {
  constructor(private readonly readVersions: ReadVersions) {}

  @Get()
  @RequirePermission('workflows:read')
  @Operation({
    summary: "List a workflow's versions",
    description: 'Newest first, without their definitions.',
    answers: { 200: { description: 'A page of versions.', schema: pageSchema(versionSummaryView) } },
    refusals: { 400: ['INVALID_CURSOR'] },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Query({ schema: listVersionsQuery }) { limit, cursor }: ListVersionsQuery,
  ): Promise<Page<VersionSummaryView>> {
    const before = cursor === undefined ? {} : { before: versionOfCursor(cursor) };
    return pageOfVersions(
      await this.readVersions.list({ workspaceId, workflowId, limit: limit + 1, ...before }),
      limit,
    );
  }

  @Get(':n')
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'Read a version',
    requestHeaders: ['if-none-match'],
    answers: {
      200: { description: 'The version. It never changes.', schema: versionView, headers: ['etag'] },
      304: UNCHANGED,
    },
    refusals: VERSION_REFUSALS,
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Param('n', { schema: versionParam }) version: number,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VersionView | undefined> {
    const view = await this.readVersions.get({ workspaceId, workflowId }, version);
    const tag = `"${view.contentHash}"`;
    // Not a public one: who may read it is asked each time, and told for a 304 too.
    reply.header('etag', tag).header('cache-control', 'private, no-cache');
    if (!isKnown(ifNoneMatch, tag)) return view;
    reply.status(304);
    return undefined;
  }

  @Get(':a/diff/:b')
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'Compare two versions',
    description: 'Nodes are the same by id, connections by what they connect.',
    answers: { 200: { description: 'What turns version `a` into version `b`.', schema: versionDiffView } },
    refusals: VERSION_REFUSALS,
  })
  async diff(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Param('a', { schema: versionParam }) from: number,
    @Param('b', { schema: versionParam }) to: number,
  ): Promise<VersionDiffView> {
    return { from, to, ...(await this.readVersions.diff({ workspaceId, workflowId }, from, to)) };
  }
}
