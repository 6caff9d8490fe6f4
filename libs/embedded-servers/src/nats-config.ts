import { join } from 'node:path';

export interface NatsConfig {
  /** Absolute. The store is its `jetstream` folder. */
  readonly dataDir: string;
  /** -1 lets the server choose. */
  readonly port: number;
  /** When what was acknowledged is on disk: `always`, or an interval such as `1s`. */
  readonly syncInterval: string;
  readonly monitorPort?: number;
  readonly extraConfig?: string;
}

/**
 * Loopback only and without passwords: who can run programs on this machine can reach it. The ingest queue of a stream
 * is bounded below the server's default, as a full one is refused with an answer and a deep one costs memory.
 */
export function renderNatsConfig(config: NatsConfig): string {
  return [
    `host: "127.0.0.1"`,
    `port: ${config.port}`,
    `ports_file_dir: ${quote(config.dataDir)}`,
    `max_payload: 8MB`,
    ...(config.monitorPort === undefined ? [] : [`http: "127.0.0.1:${config.monitorPort}"`]),
    `jetstream {`,
    `  store_dir: ${quote(config.dataDir)}`,
    `  sync_interval: ${quote(config.syncInterval)}`,
    `  max_buffered_msgs: 50000`,
    `  max_buffered_size: 64MB`,
    `}`,
    ...(config.extraConfig === undefined ? [] : [config.extraConfig]),
    '',
  ].join('\n');
}

export function configFileOf(dataDir: string): string {
  return join(dataDir, 'nats-server.conf');
}

/** The configuration language reads the escapes of a JSON string. */
function quote(text: string): string {
  return JSON.stringify(text);
}
