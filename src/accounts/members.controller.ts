import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { UserId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { AddMember } from './add-member.ts';
import { ChangeMember } from './change-member.ts';
import {
  addMemberBody,
  changeMemberBody,
  listMembersQuery,
  memberView,
  type AddMemberBody,
  type ChangeMemberBody,
  type ListMembersQuery,
  type MemberView,
} from './members.dto.ts';
import { ReadMembers } from './read-members.ts';
import { RemoveMember } from './remove-member.ts';

@Controller('v1/members')
export class MembersController {
  constructor(
    private readonly adding: AddMember,
    private readonly reading: ReadMembers,
    private readonly changing: ChangeMember,
    private readonly removing: RemoveMember,
  ) {}

  @Post()
  @RequirePermission('members:write')
  @AuditedChange('member.add')
  @Idempotent()
  @Operation({
    summary: 'Add a member',
    description: 'Somebody who has registered already. At most 500 in a workspace.',
    answers: { 201: { description: 'The member.', schema: memberView, headers: ['location'] } },
    refusals: { 409: ['ALREADY_MEMBER'], 422: ['NO_SUCH_ACCOUNT', 'TOO_MANY_MEMBERS'] },
  })
  async add(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: addMemberBody }) body: AddMemberBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberView> {
    const member = await this.adding.execute(workspaceId, body);
    reply.header('location', `/v1/members/${member.userId}`);
    return member;
  }

  @Get()
  @RequirePermission('members:read')
  @Operation({
    summary: 'List the members',
    answers: { 200: { description: 'A page; who joined last is first.', schema: pageSchema(memberView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listMembersQuery }) query: ListMembersQuery,
  ): Promise<Page<MemberView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':userId')
  @RequirePermission('members:read')
  @Operation({
    summary: 'Get a member',
    answers: { 200: { description: 'The member.', schema: memberView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('user', 'userId') userId: UserId): Promise<MemberView> {
    return this.reading.get({ userId, workspaceId });
  }

  @Patch(':userId')
  @RequirePermission('members:write')
  @AuditedChange('member.update')
  @Operation({
    summary: 'Change the role of a member',
    description: 'Takes effect at once; in other processes, within 5 seconds. A workspace keeps at least one owner.',
    answers: { 200: { description: 'The member.', schema: memberView } },
    refusals: { 409: ['LAST_OWNER'] },
  })
  change(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('user', 'userId') userId: UserId,
    @Body({ schema: changeMemberBody }) body: ChangeMemberBody,
  ): Promise<MemberView> {
    return this.changing.execute({ userId, workspaceId }, body);
  }

  @Delete(':userId')
  @HttpCode(204)
  @RequirePermission('members:leave')
  @AuditedChange('member.remove')
  @Operation({
    summary: 'Remove a member, or leave',
    description:
      'Ends their logins into this workspace; API keys that they made stay. Whoever removes another needs ' +
      '`members:write`. A workspace keeps at least one owner.',
    answers: { 204: { description: 'They are no member any more; other processes notice within 5 seconds.' } },
    refusals: { 403: ['FORBIDDEN'], 409: ['LAST_OWNER'] },
  })
  remove(@CurrentAccess() access: Access, @IdParam('user', 'userId') userId: UserId): Promise<void> {
    return this.removing.execute(access, userId);
  }
}
