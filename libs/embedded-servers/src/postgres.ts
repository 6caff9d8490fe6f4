import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { EmbeddedServer } from './embedded-server.ts';
import { EmbeddedServerError } from './errors.ts';
import { canEnter, findUnprivilegedUser, type OsUser } from './os-user.ts';
import { ensurePortIsFree, findFreePort } from './ports.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { clusterFilesIn, ensureCluster, POSTGRES_ENV, SUPERUSER, type ClusterFiles } from './postgres-cluster.ts';
import { postgresArgs, type PostgresSettings } from './postgres-settings.ts';
import { findStandInFor, presentStandInFor } from './root-only-home.ts';
import { findProcesses } from './process-table.ts';
import { ServerProcess } from './server-process.ts';
import { endStaleProcesses } from './stale-processes.ts';

const DATABASE = 'millrace';
/** Fast shutdown, immediate shutdown (recovers at the next start), and the end. */
const STOP_SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
const PATIENCE_MS = 10_000;
/** Redoing a large write-ahead log after a crash takes a while. */
const READY_WITHIN_MS = 120_000;
/** A chosen port can be lost to somebody faster; what a crash left behind needs a moment to go. */
const RETRY_FOR_MS = 500;
const RETRY_AFTER_CRASH_FOR_MS = 10_000;
const BETWEEN_ATTEMPTS_MS = 100;

export interface PostgresOptions {
  /** Made when missing; holds the database files, the password and the log. One server at a time. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Added to, or instead of, ours; e.g. `{ fsync: 'off' }` for tests. */
  readonly settings?: PostgresSettings;
}

/**
 * Starts a Postgres on 127.0.0.1 and comes back when its database `millrace` takes queries; `url` holds the superuser's
 * password. One left on the same directory by a process that was killed is ended first, and a crash is recovered from.
 * As root it runs as an unprivileged user. Throws EmbeddedServerError.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedServer> {
  const prepared = await prepareFiles(options.dataDir);
  const { files, user } = prepared;
  await endStaleProcesses(signatureOf(files), STOP_SIGNALS, PATIENCE_MS);
  const binaries = await findPostgresBinaries(user);
  const password = await ensureCluster(files, binaries, user);
  const { server, port } = await launch(prepared, binaries.postgres, options);
  const stop = (): Promise<void> => server.stop();
  try {
    await ensureDatabase(urlOf(password, port, 'postgres'));
    const { pid, exited } = server;
    return { url: urlOf(password, port, DATABASE), pid, exited, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The URL of the Postgres of a data directory that somebody runs; undefined when nobody does. */
export async function findRunningPostgres(wantedDir: string): Promise<string | undefined> {
  if (!existsSync(wantedDir)) return undefined;
  const dataDir = await realpath(wantedDir);
  const files = clusterFilesIn((await presentStandInFor(dataDir)) ?? dataDir);
  if (findProcesses(signatureOf(files)).length === 0) return undefined;
  const port = portIn(files);
  if (port === undefined) return undefined;
  const password = await readFile(files.password, 'utf8');
  return urlOf(password.trim(), port, DATABASE);
}

/** How the process table shows it. */
function signatureOf({ cluster }: ClusterFiles): string {
  return `postgres -D ${cluster}`;
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

interface PreparedFiles {
  readonly files: ClusterFiles;
  readonly user: OsUser | undefined;
}

async function prepareFiles(wantedDir: string): Promise<PreparedFiles> {
  await mkdir(wantedDir, { recursive: true, mode: 0o711 });
  const dataDir = await realpath(wantedDir);
  const user = await findUnprivilegedUser(clusterFilesIn(dataDir).cluster);
  if (user === undefined || (await canEnter(dataDir, user))) return { files: clusterFilesIn(dataDir), user };
  const files = clusterFilesIn(await findStandInFor(dataDir));
  return { files, user: await findUnprivilegedUser(files.cluster) };
}

/**
 * Postgres cannot choose a free port, so we do. After a crash the last backends of the old server may live for a moment,
 * and hold the memory that tells the new one to keep away. Both are helped by trying again.
 */
async function launch(
  { files, user }: PreparedFiles,
  binary: string,
  options: PostgresOptions,
): Promise<{ server: ServerProcess; port: number }> {
  if (options.port !== undefined) await ensurePortIsFree(options.port, 'Postgres');
  const retryForMs = existsSync(pidFileOf(files)) ? RETRY_AFTER_CRASH_FOR_MS : RETRY_FOR_MS;
  const retryUntil = performance.now() + retryForMs;
  for (;;) {
    const port = options.port ?? (await findFreePort());
    await removeStalePidFile(files);
    const server = spawnPostgres(files, binary, postgresArgs(port, options.settings ?? {}), user);
    try {
      await server.waitUntilReady(() => isReady(files, server.pid), READY_WITHIN_MS);
      return { server, port };
    } catch (error) {
      if (performance.now() > retryUntil) throw error;
      await delay(BETWEEN_ATTEMPTS_MS);
    }
  }
}

function spawnPostgres(files: ClusterFiles, binary: string, args: string[], user: OsUser | undefined): ServerProcess {
  return new ServerProcess({
    label: 'Postgres',
    binary,
    args: ['-D', files.cluster, ...args],
    logFile: files.log,
    stopSignals: STOP_SIGNALS,
    patienceMs: PATIENCE_MS,
    env: POSTGRES_ENV,
    ...(user ? { user } : {}),
  });
}

function pidFileOf(files: ClusterFiles): string {
  return join(files.cluster, 'postmaster.pid');
}

/**
 * The old server is gone: the process table said so. Its pid may belong to another program by now, or to a zombie, and
 * Postgres would refuse to start for ever. Live backends are still noticed, by the shared memory keyed by the directory.
 */
async function removeStalePidFile(files: ClusterFiles): Promise<void> {
  await rm(pidFileOf(files), { force: true });
}

/** Postgres writes its state into the eighth line of its pid file, as pg_ctl relies on. */
function isReady(files: ClusterFiles, pid: number): true | undefined {
  const lines = linesOfPidFile(files);
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready' ? true : undefined;
}

/** The fourth line. */
function portIn(files: ClusterFiles): number | undefined {
  const port = Number(linesOfPidFile(files)[3]);
  return port > 0 ? port : undefined;
}

/** None while it is not written. */
function linesOfPidFile(files: ClusterFiles): readonly string[] {
  try {
    return readFileSync(pidFileOf(files), 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } catch (cause) {
    throw new EmbeddedServerError('SERVER_DID_NOT_START', 'Postgres started, and its database could not be made', {
      cause,
    });
  } finally {
    await client.end();
  }
}
