import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { HealthRegistry } from '../health/health-registry.ts';
import type { Durability } from './durability.ts';
import { DURABILITY } from './tokens.ts';

@Injectable()
export class NatsHealth implements OnModuleInit {
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly health: HealthRegistry,
    @Inject(DURABILITY) private readonly durability: Durability,
  ) {}

  onModuleInit(): void {
    this.health.register({
      name: 'nats',
      check: async () => {
        const roundTripMs = await this.connection.roundTripMs();
        const { replicas, sync, guarantee } = this.durability;
        return { roundTripMs, replicas, sync, durability: guarantee };
      },
    });
  }
}
