import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EmbeddedServer } from './embedded-server.ts';
import { configFileOf, renderNatsConfig } from './nats-config.ts';
import { ensurePortIsFree } from './ports.ts';
import { findProcesses } from './process-table.ts';
import { ServerProcess } from './server-process.ts';
import { endStaleProcesses } from './stale-processes.ts';

const STOP_SIGNALS = ['SIGTERM', 'SIGKILL'] as const;
const PATIENCE_MS = 10_000;
/** A store of many millions of messages takes a while to open after a crash. */
const READY_WITHIN_MS = 120_000;

export interface NatsServerOptions {
  /** Path of nats-server, see `findNatsServer`. */
  readonly binary: string;
  /** Made when missing; holds the store, the generated configuration and the log. One server at a time. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** When what was acknowledged is on disk: `always`, or an interval such as `1s`. */
  readonly syncInterval: string;
  /** Where the monitoring endpoints are served, also on loopback. Default: nowhere. */
  readonly monitorPort?: number;
  /** Lines of nats-server's configuration that are added, e.g. a cluster block. */
  readonly extraConfig?: string;
}

/**
 * Starts a nats-server with JetStream on 127.0.0.1 and comes back when it serves. One left on the same directory by a
 * process that was killed is ended first. Throws EmbeddedServerError: PORT_IN_USE, SERVER_DID_NOT_START.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<EmbeddedServer> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  const configFile = configFileOf(dataDir);
  await endStaleProcesses(signatureOf(dataDir), STOP_SIGNALS, PATIENCE_MS);
  if (options.port !== undefined) await ensurePortIsFree(options.port, 'nats-server');
  await removePortsFiles(dataDir);
  await writeFile(configFile, renderNatsConfig({ ...options, dataDir, port: options.port ?? -1 }), { mode: 0o600 });

  const server = new ServerProcess({
    label: 'nats-server',
    binary: options.binary,
    args: ['-c', configFile],
    logFile: join(dataDir, 'server.log'),
    stopSignals: STOP_SIGNALS,
    patienceMs: PATIENCE_MS,
  });
  const url = await server.waitUntilReady(() => readClientUrl(dataDir), READY_WITHIN_MS);
  const { pid, exited } = server;
  const stop = (): Promise<void> => server.stop();
  return { url, pid, exited, stop, [Symbol.asyncDispose]: stop };
}

/** Where the server of a data directory listens that somebody runs; undefined when nobody does. */
export async function findRunningNatsServer(wantedDir: string): Promise<string | undefined> {
  if (!existsSync(wantedDir)) return undefined;
  const dataDir = await realpath(wantedDir);
  return findProcesses(signatureOf(dataDir)).length > 0 ? readClientUrl(dataDir) : undefined;
}

/** How the process table shows it. */
function signatureOf(dataDir: string): string {
  return `nats-server -c ${configFileOf(dataDir)}`;
}

const portsFileSchema = z.object({ nats: z.tuple([z.string()], z.string()) });

/** The server writes its ports into a file when it serves clients; undefined before, and while the file is half written. */
function readClientUrl(dataDir: string): string | undefined {
  const file = readdirSync(dataDir).find((name) => name.endsWith('.ports'));
  if (file === undefined) return undefined;
  try {
    return portsFileSchema.parse(JSON.parse(readFileSync(join(dataDir, file), 'utf8'))).nats[0];
  } catch {
    return undefined;
  }
}

async function removePortsFiles(dataDir: string): Promise<void> {
  const files = readdirSync(dataDir).filter((name) => name.endsWith('.ports'));
  await Promise.all(files.map((name) => rm(join(dataDir, name), { force: true })));
}
