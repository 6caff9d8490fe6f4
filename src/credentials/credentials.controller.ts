import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeCredential } from './change-credential.ts';
import { CheckCredential } from './check-credential.ts';
import { CreateCredential } from './create-credential.ts';
import type { CredentialId } from './credentials.entities.ts';
import {
  changeCredentialBody,
  createCredentialBody,
  createdCredentialView,
  credentialCheckView,
  credentialView,
  listCredentialsQuery,
  type ChangeCredentialBody,
  type CreateCredentialBody,
  type CreatedCredentialView,
  type CredentialCheckView,
  type CredentialView,
  type ListCredentialsQuery,
} from './credentials.dto.ts';
import { DeleteCredential } from './delete-credential.ts';
import { ReadCredentials } from './read-credentials.ts';

@Controller('v1/credentials')
export class CredentialsController {
  constructor(
    private readonly creating: CreateCredential,
    private readonly reading: ReadCredentials,
    private readonly changing: ChangeCredential,
    private readonly deleting: DeleteCredential,
    private readonly checking: CheckCredential,
  ) {}

  @Post()
  @Idempotent()
  @RequirePermission('credentials:write')
  @AuditedChange('credential.create')
  @Operation({
    summary: 'Store a credential',
    description:
      'A workspace has at most 1,000, each with data of at most 16 KiB as JSON. The data is encrypted, handed only to ' +
      'nodes of this workspace that name the credential, and never shown again. One of type smtp is tried; it is stored ' +
      'whatever comes of that.',
    answers: { 201: { description: 'It is stored.', schema: createdCredentialView, headers: ['location'] } },
    refusals: { 422: ['CREDENTIAL_LIMIT_REACHED'] },
  })
  async create(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: createCredentialBody }) body: CreateCredentialBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedCredentialView> {
    const view = await this.creating.execute(workspaceId, creationIdsOf(reply.request).newId('credential'), body);
    reply.header('location', `/v1/credentials/${view.id}`);
    const check = await this.checking.tried(workspaceId, view.id);
    return check ? { ...view, check } : view;
  }

  @Post(':id/check')
  @HttpCode(200)
  @RequirePermission('credentials:write')
  @NotAudited('it changes nothing here, and signs in to a server as any node may')
  @Operation({
    summary: 'Try a credential',
    description:
      'Connects to the server that it is for, signs in and leaves, within 15 s. Of type smtp; how a mailbox is doing is told by `GET /v1/workflows/:id/mailboxes`.',
    answers: { 200: { description: 'Whether it gets in.', schema: credentialCheckView } },
    refusals: { 422: ['CREDENTIAL_NOT_CHECKABLE', 'CREDENTIAL_UNREADABLE'] },
  })
  check(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('credential') id: CredentialId,
  ): Promise<CredentialCheckView> {
    return this.checking.execute(workspaceId, id);
  }

  @Get()
  @RequirePermission('credentials:read')
  @Operation({
    summary: 'List the credentials',
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(credentialView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listCredentialsQuery }) query: ListCredentialsQuery,
  ): Promise<Page<CredentialView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':id')
  @RequirePermission('credentials:read')
  @Operation({
    summary: 'Get a credential',
    answers: { 200: { description: 'The credential, without its data.', schema: credentialView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('credential') id: CredentialId): Promise<CredentialView> {
    return this.reading.get(workspaceId, id);
  }

  @Patch(':id')
  @RequirePermission('credentials:write')
  @AuditedChange('credential.update')
  @Operation({
    summary: 'Change a credential',
    description:
      'Name, data as a whole, allowed hosts. Attempts that begin after the answer use what is new. ' +
      'Hosts that were not allowed before, or an empty list after hosts, are taken only with `data` in the same request: ' +
      'who does not know the secret could otherwise have it sent to a host of their own.',
    answers: { 200: { description: 'The credential as it is now.', schema: credentialView } },
    refusals: { 422: ['CREDENTIAL_DATA_REQUIRED'], 503: ['BUSY'] },
  })
  change(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('credential') id: CredentialId,
    @Body({ schema: changeCredentialBody }) body: ChangeCredentialBody,
  ): Promise<CredentialView> {
    return this.changing.execute(workspaceId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('credentials:write')
  @AuditedChange('credential.delete')
  @Operation({
    summary: 'Delete a credential',
    description:
      'One that an active workflow uses stays: the answer then has the ids of these workflows as `path` of its `errors`.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: { 409: ['CREDENTIAL_IN_USE'], 503: ['READ_MODEL_BEHIND', 'BUSY'] },
  })
  delete(@CurrentAccess() { workspaceId }: Access, @IdParam('credential') id: CredentialId): Promise<void> {
    return this.deleting.execute(workspaceId, id);
  }
}
