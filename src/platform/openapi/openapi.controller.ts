import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { JsonObject } from '#libs/kernel';
import { Public } from '../access/access.decorators.ts';
import { DOCS_ASSETS, DOCS_CSP, DOCS_PAGE } from './docs-page.ts';
import { OpenApiDocument } from './openapi-document.ts';
import { Operation } from './operation.ts';

const documentSchema = z.looseObject({ openapi: z.string() }).meta({
  id: 'OpenApiDocument',
  description: 'An OpenAPI 3.1 document.',
  examples: [{ openapi: '3.1.0', info: { title: 'Millrace', version: '0.1.0' }, paths: {} }],
});

/** The description of the API, for programs and for people; without a word of who uses it. */
@Controller()
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  @Public()
  @Header('cache-control', 'public, max-age=60')
  @Operation({
    summary: 'Describe the API',
    answers: { 200: { description: 'This document.', schema: documentSchema } },
  })
  describe(): JsonObject {
    return this.document.get();
  }

  @Get('docs')
  @Public()
  @Header('content-security-policy', DOCS_CSP)
  @Header('content-type', 'text/html; charset=utf-8')
  @Operation({
    summary: 'Show the description as a page',
    description: 'Works offline: everything it needs comes from this server.',
    answers: { 200: { description: 'A page.', otherForms: { 'text/html': z.string() } } },
  })
  page(): string {
    return DOCS_PAGE;
  }

  @Get('docs/:file')
  @Public()
  @Header('cache-control', 'public, max-age=3600')
  @Operation({
    summary: 'Get a part of the page',
    answers: {
      200: { description: 'The file.', otherForms: { 'text/css': z.string(), 'text/javascript': z.string() } },
    },
    refusals: { 404: ['NOT_FOUND'] },
  })
  async asset(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = Object.hasOwn(DOCS_ASSETS, file) ? DOCS_ASSETS[file] : undefined;
    if (!asset) throw new NotFoundException('the page has no such part');
    await reply.type(asset.type).send('path' in asset ? createReadStream(asset.path) : asset.text);
  }
}
