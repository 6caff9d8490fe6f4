import { Controller, Get } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import type { MeView } from './accounts.dto.ts';
import { ReadMe } from './read-me.ts';

@Controller('v1/me')
export class MeController {
  constructor(private readonly reading: ReadMe) {}

  @Get()
  @RequirePermission('account:read')
  me(@CurrentAccess() access: Access): Promise<MeView> {
    return this.reading.execute(access);
  }
}
