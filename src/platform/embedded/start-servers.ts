import { join, resolve } from 'node:path';
import {
  findNatsServer,
  keepRunning,
  lockDataDir,
  startNatsServer,
  startPostgres,
  type EmbeddedServer,
} from '#libs/embedded-servers';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../logging/logger.ts';

/** Where the servers are that this process works with; those that are its own end with `stop`. */
export interface Servers {
  readonly natsServers: readonly string[];
  readonly databaseUrl: string;
  /** Ends the embedded ones, the log last. */
  stop(): Promise<void>;
}

/** Starts what the configuration does not name: NATS and Postgres of our own, with their data in the data dir. */
export async function startServers(config: Config, logger: Logger): Promise<Servers> {
  const dataDir = resolve(config.dataDir);
  const started = new AsyncDisposableStack();
  try {
    started.use(await lockDataDir(dataDir));
    // Each is registered when it runs, so that one which does not start leaves none of the others behind.
    const starting = [startNats(config, dataDir, logger), startDatabase(config, dataDir, logger)] as const;
    const ended = await Promise.allSettled(starting);
    for (const one of ended) if (one.status === 'fulfilled' && one.value.own) started.use(one.value.own);
    const [nats, postgres] = await Promise.all(starting);
    return { natsServers: nats.urls, databaseUrl: postgres.url, stop: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function startNats(
  { nats }: Config,
  dataDir: string,
  logger: Logger,
): Promise<{ urls: readonly string[]; own?: EmbeddedServer }> {
  if (nats.kind === 'external') return { urls: nats.servers };
  const binary = await findNatsServer();
  const start = (port?: number): Promise<EmbeddedServer> =>
    startNatsServer({
      binary,
      dataDir: join(dataDir, 'nats'),
      syncInterval: nats.sync,
      ...(port === undefined ? {} : { port }),
    });
  const own = await keepRunning(start, observer('nats-server', logger));
  return { urls: [own.url], own };
}

async function startDatabase(
  { database }: Config,
  dataDir: string,
  logger: Logger,
): Promise<{ url: string; own?: EmbeddedServer }> {
  if (database.kind === 'external') return { url: database.url };
  const start = (port?: number): Promise<EmbeddedServer> =>
    startPostgres({ dataDir: join(dataDir, 'postgres'), ...(port === undefined ? {} : { port }) });
  const own = await keepRunning(start, observer('postgres', logger));
  return { url: own.url, own };
}

function observer(server: string, logger: Logger): Parameters<typeof keepRunning>[1] {
  return {
    crashed: ({ code, signal, tail }) =>
      logger.error({ server, code, signal, tail }, 'an embedded server ended; starting it again'),
    restartFailed: (error) => logger.error({ server, error }, 'an embedded server did not start; trying again'),
    restarted: (pid) => logger.info({ server, serverPid: pid }, 'an embedded server runs again'),
  };
}
