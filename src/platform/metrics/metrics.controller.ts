import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { Public } from '../access/access.decorators.ts';
import { Operation } from '../openapi/operation.ts';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Public()
  @Operation({
    summary: 'Tell metrics of the process',
    answers: { 200: { description: 'Prometheus text format.', otherForms: { 'text/plain': z.string() } } },
  })
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.registry.contentType).send(await this.registry.metrics());
  }
}
