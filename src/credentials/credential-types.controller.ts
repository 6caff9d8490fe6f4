import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { anyJsonObject } from '#libs/node-kit';
import { Public } from '../platform/access/access.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { INSTALLED_TYPES } from './credential-registry.ts';
import { credentialTypeView, type CredentialTypeView } from './credentials.dto.ts';

const VIEWS: readonly CredentialTypeView[] = [...INSTALLED_TYPES].map(([type, info]) => {
  const { title, description, data, bindsToHosts } = info;
  const dataSchema = anyJsonObject().parse(z.toJSONSchema(data, { io: 'input' }));
  return { type, title, description, bindsToHosts, dataSchema };
});

@Controller('v1/credential-types')
export class CredentialTypesController {
  @Get()
  @Public()
  @Operation({
    summary: 'List the types of credentials',
    answers: { 200: { description: 'All of them, on one page.', schema: pageSchema(credentialTypeView) } },
  })
  list(): Page<CredentialTypeView> {
    return { items: VIEWS, nextCursor: null };
  }
}
