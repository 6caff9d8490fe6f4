import { join, resolve } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { findRunningNatsServer, findRunningPostgres } from '#libs/embedded-servers';
import { JetStreamConnection } from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
import type { Database } from '#libs/read-models';
import type { Config } from '../config/config.ts';

const PATIENCE_MS = 10_000;

export interface Log extends AsyncDisposable {
  readonly connection: JetStreamConnection;
  readonly manager: JetStreamManager;
}

/** NATS of a running installation, its own or the embedded one that a process of it has started. Throws with what to do. */
export async function connectToLog(config: Config): Promise<Log> {
  await using opened = new AsyncDisposableStack();
  const connection = opened.use(await openNats(config));
  const manager = await jetstreamManager(connection.client, { timeout: PATIENCE_MS });
  const all = opened.move();
  return { connection, manager, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function openNats(config: Config): Promise<JetStreamConnection> {
  const { nats } = config;
  const credentialsFile = nats.kind === 'external' ? nats.credsFile : undefined;
  const servers = await natsServersOf(config);
  try {
    const options = { servers, name: 'millrace doctor' };
    return await JetStreamConnection.open({
      ...options,
      ...(credentialsFile === undefined ? {} : { credentialsFile }),
    });
  } catch (cause) {
    const message = 'NATS does not answer: start it, or correct NATS_URL and NATS_CREDS';
    throw new MillraceError('unavailable', 'NATS_AWAY', message, { cause });
  }
}

async function natsServersOf({ nats, dataDir }: Config): Promise<readonly string[]> {
  if (nats.kind === 'external') return nats.servers;
  const url = await findRunningNatsServer(join(resolve(dataDir), 'nats'));
  if (url !== undefined) return [url];
  throw new MillraceError(
    'unavailable',
    'NATS_AWAY',
    `no nats-server runs on the data directory ${dataDir}: start Millrace there (npm start), ` +
      'name the directory with MILLRACE_DATA_DIR, or servers of your own with NATS_URL and DATABASE_URL',
  );
}

/** Undefined when Postgres does not answer: what the log says does not depend on it. Nothing can be written by it. */
export async function connectToDatabase(config: Config): Promise<(Database & AsyncDisposable) | undefined> {
  const url = await databaseUrlOf(config);
  if (url === undefined) return undefined;
  const limits = { connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS };
  const client = new pg.Client({ connectionString: url, ...limits });
  // Told by the query that fails for it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction read only');
  } catch {
    await client.end().catch(() => undefined);
    return undefined;
  }
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
      (await client.query(sql, [...parameters])).rows as Row[],
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

function databaseUrlOf({ database, dataDir }: Config): Promise<string | undefined> {
  if (database.kind === 'external') return Promise.resolve(database.url);
  return findRunningPostgres(join(resolve(dataDir), 'postgres'));
}
