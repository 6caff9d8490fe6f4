import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { KnownStates, Payloads, readFileOf } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId } from '#libs/kernel';
import { z } from 'zod';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedRead } from '../platform/audit/audit.decorators.ts';
import { IdParam, notFoundCode } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';

const fileContent = z
  .string()
  .meta({ id: 'FileContent', description: 'The bytes, as they came.', examples: ['%PDF-1.7 …'], format: 'binary' });

/** Files that triggers brought, such as the attachments of a mail. */
@Controller('v1/executions')
export class ExecutionFilesController {
  constructor(
    private readonly states: KnownStates,
    private readonly payloads: Payloads,
  ) {}

  @Get(':id/files/:hash')
  @RequirePermission('executions:read')
  @AuditedRead('execution.read')
  @Operation({
    summary: 'Read a file of an execution',
    description:
      'One that its trigger brought, by the `sha256` that its input has for it. Name and media type stand in the input too; ' +
      'here it is always bytes to be saved, whatever it says that it is.',
    answers: {
      200: { description: 'The content.', otherForms: { 'application/octet-stream': fileContent } },
    },
    refusals: { 404: ['FILE_NOT_FOUND'] },
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') id: ExecutionId,
    @Param('hash') sha256: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { state } = await this.states.read(id, { fresh: true });
    if (state.status === 'none' || state.workspaceId !== workspaceId)
      throw new MillraceError('notFound', notFoundCode('execution'), `there is no execution ${id}`);
    const content = await readFileOf(state, sha256, this.payloads);
    if (!content) throw new MillraceError('notFound', 'FILE_NOT_FOUND', 'the execution has no file with this SHA-256');
    await reply
      .type('application/octet-stream')
      .header('content-disposition', 'attachment')
      .header('x-content-type-options', 'nosniff')
      .send(content);
  }
}
