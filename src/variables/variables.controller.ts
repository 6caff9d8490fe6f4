import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Variable } from '#libs/workspace-variables';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { pageOf, pageSchema, placeOf, type Page } from '../platform/http/page.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeVariables } from './change-variables.ts';
import { ReadVariables } from './read-variables.ts';
import { VariableName } from './variable-name.ts';
import {
  changeVariableBody,
  createVariableBody,
  listVariablesQuery,
  variableView,
  type ChangeVariableBody,
  type CreateVariableBody,
  type ListVariablesQuery,
  type VariableView,
} from './variables.dto.ts';

@Controller('v1/variables')
export class VariablesController {
  constructor(
    private readonly changing: ChangeVariables,
    private readonly reading: ReadVariables,
  ) {}

  @Post()
  @Idempotent()
  @RequirePermission('variables:write')
  @AuditedChange('variable.create')
  @Operation({
    summary: 'Create a variable',
    description:
      'Variables are configuration, not secrets: whoever may read executions sees the values that they read. Secrets are ' +
      'credentials. A workspace has at most 200 variables, with 64 KiB of JSON in all. An execution sees the variables ' +
      'as they were when it started, for ever.',
    answers: { 201: { description: 'It exists.', schema: variableView, headers: ['location'] } },
    refusals: {
      409: ['VARIABLE_EXISTS'],
      422: ['VARIABLE_LIMIT_REACHED', 'VARIABLES_TOO_LARGE'],
      503: ['VARIABLES_CONTENDED'],
    },
  })
  async create(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: createVariableBody }) { name, value }: CreateVariableBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VariableView> {
    const created = await this.changing.create(workspaceId, name, value);
    reply.header('location', `/v1/variables/${name}`);
    return viewOf(created);
  }

  @Get()
  @RequirePermission('variables:read')
  @Operation({
    summary: 'List the variables',
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(variableView) } },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listVariablesQuery }) { limit, cursor }: ListVariablesQuery,
  ): Promise<Page<VariableView>> {
    const after = cursor === undefined ? {} : { after: placeOf(cursor) };
    return pageOf(await this.reading.list(workspaceId, { limit: limit + 1, ...after }), limit, viewOf);
  }

  @Get(':name')
  @RequirePermission('variables:read')
  @Operation({
    summary: 'Get a variable',
    answers: { 200: { description: 'The variable.', schema: variableView } },
    refusals: { 404: ['VARIABLE_NOT_FOUND'] },
  })
  async get(@CurrentAccess() { workspaceId }: Access, @VariableName() name: string): Promise<VariableView> {
    return viewOf(await this.reading.get(workspaceId, name));
  }

  @Patch(':name')
  @RequirePermission('variables:write')
  @AuditedChange('variable.update')
  @Operation({
    summary: 'Change a variable',
    description:
      'Executions that this process starts after the answer see the new value; other processes learn of it within ' +
      'milliseconds. Those that run keep the old one.',
    answers: { 200: { description: 'The variable as it is now.', schema: variableView } },
    refusals: { 404: ['VARIABLE_NOT_FOUND'], 422: ['VARIABLES_TOO_LARGE'], 503: ['VARIABLES_CONTENDED'] },
  })
  async change(
    @CurrentAccess() { workspaceId }: Access,
    @VariableName() name: string,
    @Body({ schema: changeVariableBody }) { value }: ChangeVariableBody,
  ): Promise<VariableView> {
    return viewOf(await this.changing.update(workspaceId, name, value));
  }

  @Delete(':name')
  @HttpCode(204)
  @RequirePermission('variables:write')
  @AuditedChange('variable.delete')
  @Operation({
    summary: 'Delete a variable',
    description: 'An execution that starts later and reads it fails at the expression, as at any missing field.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: { 404: ['VARIABLE_NOT_FOUND'], 503: ['VARIABLES_CONTENDED'] },
  })
  delete(@CurrentAccess() { workspaceId }: Access, @VariableName() name: string): Promise<void> {
    return this.changing.delete(workspaceId, name);
  }
}

function viewOf({ name, value, createdAt, updatedAt }: Variable): VariableView {
  return { name, value, createdAt, updatedAt };
}
