import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry } from '../health/health-registry.ts';

@Injectable()
export class DatabaseHealth implements OnModuleInit {
  constructor(
    private readonly em: EntityManager,
    private readonly health: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.health.register({
      name: 'postgres',
      check: async () => {
        await this.em.fork().execute('select 1');
        return {};
      },
    });
  }
}
