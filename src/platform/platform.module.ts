import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { DeclaredPermissions } from './access/declared-permissions.ts';
import { systemClock } from './clock.ts';
import { HealthController } from './health/health.controller.ts';
import { HealthRegistry } from './health/health-registry.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { createRequestSchemaPipe } from './http/request-schema.ts';
import { createIdSource } from './ids.ts';
import { Logger } from './logging/logger.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import type { RootKeys } from './root-keys.ts';
import { DeclaredRoutes } from './routes/declared-routes.ts';
import { ApiRateLimit } from './rate-limit/api-rate-limit.ts';
import { CLOCK, CONFIG, ID_SOURCE, ROOT_KEYS } from './tokens.ts';

export interface PlatformParts {
  readonly config: Config;
  readonly rootKeys: RootKeys;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** What every other module may inject without importing it. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, rootKeys, logger, clock = systemClock }: PlatformParts): DynamicModule {
    const shared = [
      { provide: CONFIG, useValue: config },
      { provide: ROOT_KEYS, useValue: rootKeys },
      { provide: Logger, useValue: logger },
      { provide: CLOCK, useValue: clock },
      { provide: ID_SOURCE, useFactory: createIdSource, inject: [CLOCK] },
      { provide: Registry, useFactory: createRegistry },
      { provide: ApiRateLimit, useValue: new ApiRateLimit(config.http.apiRate, () => performance.now()) },
      HealthRegistry,
      DeclaredRoutes,
    ];
    return {
      module: PlatformModule,
      imports: [DiscoveryModule],
      controllers: [HealthController, MetricsController],
      providers: [
        ...shared,
        DeclaredPermissions,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: createRequestSchemaPipe },
      ],
      exports: shared,
    };
  }
}

/** One an application, not prom-client's global one: several live in one process in tests. */
function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
