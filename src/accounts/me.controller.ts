import { Controller, Get } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { meView, type MeView } from './accounts.dto.ts';
import { ReadMe } from './read-me.ts';

@Controller('v1/me')
export class MeController {
  constructor(private readonly reading: ReadMe) {}

  @Get()
  @RequirePermission('account:read')
  @Operation({
    summary: 'Tell who calls',
    answers: { 200: { description: 'The caller, the workspace and the role.', schema: meView } },
  })
  me(@CurrentAccess() access: Access): Promise<MeView> {
    return this.reading.execute(access);
  }
}
