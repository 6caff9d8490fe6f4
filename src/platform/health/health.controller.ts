import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/access.decorators.ts';
import { HealthRegistry, type Readiness } from './health-registry.ts';

@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  /** The process runs; whether it can work is another question. */
  @Get('live')
  @Public()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.header('cache-control', 'no-store');
    if (readiness.status !== 'ready') reply.status(503).header('retry-after', '1');
    return readiness;
  }
}
