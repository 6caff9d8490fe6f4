/** Names and values as in postgresql.conf. */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** For one application on a small machine: no replication, few connections, short statements on indexed tables. */
const DEFAULTS: PostgresSettings = {
  max_connections: 60,
  shared_buffers: '128MB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  random_page_cost: 1.1,
  jit: 'off',
  timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
};

/** Loopback alone, whatever the settings say: the password travels over it unencrypted. */
export function postgresArgs(port: number, settings: PostgresSettings): string[] {
  const all = {
    ...DEFAULTS,
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
