import 'reflect-metadata';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { AppModule, type AppParts } from './app.module.ts';
import { DatabaseMigrations } from './platform/database/database-migrations.ts';
import { EdgeAdapter } from './platform/http/edge-adapter.ts';
import { NestLogger } from './platform/logging/nest-logger.ts';
import { measureRequests } from './platform/metrics/http-metrics.ts';

/** What answers may load in a browser, and who may frame them: they are data, not pages. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/**
 * The application, its database migrated, ready for `listen` or `init`. It listens to no signal: whoever starts it
 * calls `close()`, which refuses new requests, runs the modules' hooks, then ends HTTP, then the database.
 */
export async function createApp(parts: AppParts): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(parts),
    new EdgeAdapter(parts.logger),
    {
      logger: new NestLogger(parts.logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  try {
    await app.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: NOTHING } });
    const instance: FastifyInstance = app.getHttpAdapter().getInstance();
    measureRequests(instance, app.get(Registry));
    await app.get(DatabaseMigrations).run();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
