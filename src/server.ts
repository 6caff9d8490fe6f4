import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { MillraceError } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { systemClock } from './platform/clock.ts';
import { createApp } from './app.ts';
import type { Config } from './config/config.ts';
import { installNodeTypes } from './node-types/install.ts';
import { UnsubscribePages } from './mail-records/unsubscribe-pages.ts';
import type { Servers } from './platform/embedded/start-servers.ts';
import type { Logger } from './platform/logging/logger.ts';
import type { RootKeys } from './platform/root-keys.ts';
import { featuresOf } from './roles.ts';
import { StartPages } from './oauth/start-pages.ts';
import { WebhookIngestion } from './webhooks/ingestion.ts';

export interface ServerParts {
  readonly config: Config;
  readonly rootKeys: RootKeys;
  readonly logger: Logger;
  readonly servers: Pick<Servers, 'natsServers' | 'databaseUrl'>;
  /** Beside those that come with Millrace. */
  readonly nodeTypes?: readonly NodeType[];
}

/** Connections that wait to be accepted, as far as the system lets as many; node's 511 resets senders who come in a burst. */
const LISTEN_BACKLOG = 4_096;

/** One process of Millrace, its roles running and its HTTP port open. */
export async function startServer(parts: ServerParts): Promise<NestFastifyApplication> {
  const { config, rootKeys, logger, servers, nodeTypes = [] } = parts;
  const installed = installNodeTypes({ outbound: config.outbound, clock: systemClock, nodeTypes });
  const features = featuresOf(config, { servers: servers.natsServers, installed });
  const app = await createApp({ config, rootKeys, logger, databaseUrl: servers.databaseUrl, features });
  try {
    if (config.roles.has('api')) {
      const server: FastifyInstance = app.getHttpAdapter().getInstance();
      app.get(WebhookIngestion, { strict: false }).register(server);
      app.get(UnsubscribePages, { strict: false }).register(server);
      app.get(StartPages, { strict: false }).register(server);
    }
    const { port, host } = config.http;
    await app.listen({ port, host, backlog: LISTEN_BACKLOG }).catch((error: unknown) => {
      throw isPortTaken(error) ? portTaken({ port, host }, error) : error;
    });
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function portTaken({ port, host }: { readonly port: number; readonly host: string }, cause: unknown): MillraceError {
  const message = `PORT: ${port} of ${host} is used by another process (EADDRINUSE); end that one, or take another port, for example PORT=${port + 1}`;
  return new MillraceError('unavailable', 'PORT_IN_USE', message, { cause });
}
