import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { AppModule, type AppParts } from './app.module.ts';
import { DatabaseMigrations } from './platform/database/database-migrations.ts';
import { allowOrigins } from './platform/http/cross-origin.ts';
import { EdgeAdapter } from './platform/http/edge-adapter.ts';
import { securityHeadersOf } from './platform/http/security-headers.ts';
import { NestLogger } from './platform/logging/nest-logger.ts';
import { measureRequests } from './platform/metrics/http-metrics.ts';
import { ApiRateLimit } from './platform/rate-limit/api-rate-limit.ts';

/**
 * The application, its database migrated, ready for `listen` or `init`. It listens to no signal: whoever starts it
 * calls `close()`, which refuses new requests, runs the modules' hooks, then ends HTTP, then the database.
 */
export async function createApp(parts: AppParts): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(parts), await edgeAdapterOf(parts), {
    logger: new NestLogger(parts.logger),
    bodyParser: false,
    abortOnError: false,
  });
  try {
    const instance: FastifyInstance = app.getHttpAdapter().getInstance();
    measureRequests(instance, app.get(Registry));
    // Before the limit, so that pages may read that they went over it, and preflights count for nothing.
    await allowOrigins(instance, parts.config.http.corsOrigins);
    app.get(ApiRateLimit).countEarly(instance);
    await app.get(DatabaseMigrations).run();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function edgeAdapterOf({ config, logger }: AppParts): Promise<EdgeAdapter> {
  const { publicUrl, trustedProxies } = config.http;
  return new EdgeAdapter({ log: logger, trustedProxies, securityHeaders: await securityHeadersOf(publicUrl) });
}
