import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Public } from '../access/access.decorators.ts';
import { Operation } from '../openapi/operation.ts';
import { HealthRegistry, type Readiness } from './health-registry.ts';

const livenessSchema = z
  .object({ status: z.literal('live') })
  .meta({ id: 'Liveness', description: 'That the process runs.', examples: [{ status: 'live' }] });

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    dependencies: z
      .record(z.string(), z.looseObject({ status: z.enum(['up', 'down']), reason: z.string().optional() }))
      .meta({ description: 'By name; `nats` also says what an acknowledged write survives.' }),
  })
  .meta({
    id: 'Readiness',
    description: 'Whether the process can do its work.',
    examples: [
      {
        status: 'ready',
        dependencies: {
          nats: {
            status: 'up',
            roundTripMs: 1,
            replicas: 1,
            sync: 'always',
            durability: 'a killed process loses nothing',
          },
          postgres: { status: 'up' },
        },
      },
    ],
  });

@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  /** The process runs; whether it can work is another question. */
  @Get('live')
  @Public()
  @Operation({
    summary: 'Tell that the process runs',
    answers: { 200: { description: 'It runs.', schema: livenessSchema } },
  })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @Operation({
    summary: 'Tell whether the process can work',
    answers: {
      200: { description: 'It can.', schema: readinessSchema },
      503: { description: 'Something is away that it needs.', schema: readinessSchema, headers: ['retry-after'] },
    },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.header('cache-control', 'no-store');
    if (readiness.status !== 'ready') reply.status(503).header('retry-after', '1');
    return readiness;
  }
}
