import { ConfigError } from './config/config-error.ts';
import { parseConfig, type Config } from './config/config.ts';
import { loadOrCreateSecretKeys } from './config/secret-key.ts';
import { EmbeddedServerError } from '#libs/embedded-servers';
import { MillraceError } from '#libs/kernel';
import { startServers } from './platform/embedded/start-servers.ts';
import { createLogger, type Logger } from './platform/logging/logger.ts';
import { durabilityOf } from './platform/nats/durability.ts';
import { createRootKeys } from './platform/root-keys.ts';
import { startServer } from './server.ts';

/** Ends the process in good order: HTTP and roles first, then the embedded servers. */
interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

async function run(config: Config, logger: Logger): Promise<Running> {
  const servers = await startServers(config, logger);
  try {
    const rootKeys = createRootKeys(config.secretKeys ?? (await loadOrCreateSecretKeys(config.dataDir)));
    const app = await startServer({ config, rootKeys, logger, servers });
    return {
      url: await app.getUrl(),
      stop: async () => {
        await app.close();
        await servers.stop();
      },
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

/** Errors that say by themselves what to do are told as they are; a stack would hide the sentence. */
function explain(error: unknown): string {
  const told = error instanceof ConfigError || error instanceof EmbeddedServerError || error instanceof MillraceError;
  if (told) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const logger = createLogger({ level: config.logLevel, pretty: process.stdout.isTTY });
  let stopping = false;
  const starting = run(config, logger);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      logger.info({ signal }, 'stopping');
      void starting
        .then((running) => running.stop())
        .then(() => logger.info({}, 'stopped'))
        .then(
          () => process.exit(0),
          () => process.exit(1),
        );
    });
  }
  const { url } = await starting;
  const { guarantee } = durabilityOf(config.nats, config.natsReplicas);
  logger.info(
    { url, roles: [...config.roles], durability: guarantee },
    `Millrace is ready at ${url}; try: npm run demo`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
});
