import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '#libs/embedded-servers';
import { makeDataDir } from './data-dir.ts';
import { ForegroundServer, systemCommand } from './foreground-server.ts';

export interface PostfixOptions {
  /** Domains, and the ports on loopback that mail to them is passed on to. Any other is refused. */
  readonly routes: Readonly<Record<string, number>>;
  /** For how long mail that is not taken now is tried again, as `0` (once) or `1h`. Default `1h`. */
  readonly queueLifetime?: string;
}

/** Postfix on loopback and free ports with a configuration, a queue and a log of its own, beside the system's if there is one. */
export class Postfix implements AsyncDisposable {
  private constructor(
    readonly port: number,
    private readonly logFile: string,
    private readonly server: ForegroundServer,
  ) {}

  static async start(options: PostfixOptions): Promise<Postfix> {
    const { path } = await makeDataDir();
    const port = await findFreePort();
    const folders = { config: join(path, 'etc'), queue: join(path, 'queue'), data: join(path, 'data') };
    for (const folder of Object.values(folders)) mkdirSync(folder);
    // Parts of it run as somebody else, who must be able to go in.
    for (const folder of [path, folders.config, folders.queue]) chmodSync(folder, 0o755);
    chownSync(folders.data, userId('postfix'), 0);
    const logFile = join(path, 'mail.log');
    const transport = join(folders.config, 'transport');
    const routes = Object.entries(options.routes).map(([domain, to]) => `${domain} smtp:[127.0.0.1]:${to}\n`);
    writeFileSync(transport, routes.join(''));
    writeFileSync(join(folders.config, 'main.cf'), mainOf({ ...folders, transport, logFile }, options.queueLifetime));
    writeFileSync(join(folders.config, 'master.cf'), masterOf(port));
    // Not by `start-fg`: then a script would be our child, and Postfix would live on without it.
    systemCommand('postfix', '-c', folders.config, 'check');
    const daemons = systemCommand('postconf', '-c', folders.config, '-h', 'daemon_directory');
    const command = [join(daemons, 'master'), '-c', folders.config, '-s'] as const;
    const server = await ForegroundServer.start({ command, port, logFile: join(path, 'start.log') });
    return new Postfix(port, logFile, server);
  }

  /** Whether it could not pass a mail to this address on, and keeps it. */
  hasDeferred(address: string): boolean {
    return this.#hasLogged(address, 'deferred');
  }

  /** Whether the next server took a mail to this address. */
  hasPassedOn(address: string): boolean {
    return this.#hasLogged(address, 'sent');
  }

  #hasLogged(address: string, status: string): boolean {
    const lines = readFileSync(this.logFile, 'utf8').split('\n');
    return lines.some((line) => line.includes(`to=<${address}>`) && line.includes(`status=${status} `));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

interface Places {
  readonly queue: string;
  readonly data: string;
  readonly transport: string;
  readonly logFile: string;
}

/** It asks no name server, takes mail from loopback alone, and tries again what it has within a second or two. */
function mainOf({ queue, data, transport, logFile }: Places, queueLifetime = '1h'): string {
  return `
compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
maillog_file = ${logFile}
maillog_file_prefixes = ${data}, ${logFile}
myhostname = mx.example.net
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_host_lookup = native
smtp_dns_support_level = disabled
transport_maps = texthash:${transport}
default_transport = error:nobody to pass it on to
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtp_destination_concurrency_failed_cohort_limit = 0
default_destination_concurrency_failed_cohort_limit = 0
maximal_queue_lifetime = ${queueLifetime}
bounce_queue_lifetime = ${queueLifetime}
smtp_connection_cache_on_demand = no
`;
}

/** No part of it is in a chroot, as that would need a copy of the system's files. */
function masterOf(port: number): string {
  const parts = ['tlsmgr', 'rewrite trivial-rewrite', 'verify', 'proxymap'];
  const more = ['smtp', 'showq', 'error', 'retry error', 'discard', 'anvil', 'scache'];
  const lines = [...parts, ...more].map((part) => {
    const [name = '', program = name] = part.split(' ');
    return `${name} unix - - n - - ${program}`;
  });
  return [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    // Looks each second for what it found locked, too: no new mail reminds it.
    'qmgr unix n - n 1 1 qmgr',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    'flush unix n - n 1000? 0 flush',
    'postlog unix-dgram n - n - 1 postlogd',
    ...lines,
    '',
  ].join('\n');
}

function userId(name: string): number {
  return Number(systemCommand('id', '-u', name));
}
