import type { DestinationLists } from '#libs/outbound-wall';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { crossProblems } from './cross-problems.ts';
import type { CorsOrigins, Rate } from './edge-variables.ts';
import type { SecretKeys } from './secret-key.ts';
import { EXAMPLES, SECRETS, variables, type LogLevel, type Role, type Values, type VariableName } from './variables.ts';

export { ConfigError } from './config-error.ts';
export { loadOrCreateSecretKeys } from './secret-key.ts';
export type { CorsOrigins, Rate } from './edge-variables.ts';
export type { LogLevel, Role } from './variables.ts';

export type NatsConfig =
  | { readonly kind: 'embedded'; /** `always`, or an interval such as `1s`. */ readonly sync: string }
  | { readonly kind: 'external'; readonly servers: readonly string[]; readonly credsFile?: string };

export type DatabaseConfig = { readonly kind: 'embedded' } | { readonly kind: 'external'; readonly url: string };

export interface MailConfig {
  /** Of the addresses of workflows; whoever sends to it is led by its MX record to where a process of the role `mail` listens. */
  readonly domain: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Addresses and CIDR blocks of servers that pass the mail of others on to us. */
  readonly relays: readonly string[];
  /** Files in PEM. Absent: STARTTLS is not offered. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** What an installation is told from outside, checked; nothing else reads the environment. */
export interface Config {
  readonly http: {
    /** 0 lets the system choose. */
    readonly port: number;
    readonly host: string;
    /** Without a slash at its end. */
    readonly publicUrl: string;
    /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. */
    readonly trustedProxies: readonly string[];
    /** Whose pages browsers let read the API's answers. */
    readonly corsOrigins: CorsOrigins;
    /** Of one caller at one process; absent means unlimited. */
    readonly apiRate?: Rate;
  };
  readonly roles: ReadonlySet<Role>;
  readonly dataDir: string;
  readonly nats: NatsConfig;
  readonly natsReplicas: 1 | 3 | 5;
  readonly logStreams: 1 | 2 | 4 | 8 | 16;
  readonly database: DatabaseConfig;
  /** 32 bytes each, the current one first; absent means: kept in the data dir (see loadOrCreateSecretKeys). */
  readonly secretKeys?: SecretKeys;
  /** Where HTTP nodes may call. */
  readonly outbound: Required<DestinationLists>;
  /** Workspaces whose owners look after what all share, such as the queues; absent: the owners of every workspace. */
  readonly operators?: ReadonlySet<string>;
  /** Where mail comes in; absent: nowhere, and no workflow has an address. */
  readonly mail?: MailConfig;
  /** How long calls of webhooks that were refused are in the ledger. */
  readonly deliveriesKeptMs: number;
  /** How long it is known what became of a mail: that it comes back, or is unsubscribed from. */
  readonly emailsKeptMs: number;
  /** After its end a history goes from the log into the archive. */
  readonly archiveAfterMs: number;
  /** Days that executions are kept after their end, where their workspace says nothing; null: for ever. */
  readonly retentionDays: number | null;
  /** How long a change waits to be seen by reads before it is answered without. */
  readonly visibleWithinMs: number;
  readonly logLevel: LogLevel;
  /** How long in-flight nodes may still run after SIGTERM. */
  readonly shutdownMs: number;
}

/** Throws ConfigError naming every wrong variable at once. Unset and empty both mean the default. */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = variables.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => problemOf(issue.path[0] as VariableName, issue.message, given)),
    ...crossProblems(given),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return assemble(parsed.data);
}

function problemOf(name: VariableName, message: string, given: NodeJS.ProcessEnv): ConfigProblem {
  const value = SECRETS.has(name) ? undefined : given[name];
  return { name, message, example: EXAMPLES[name], ...(value === undefined ? {} : { value }) };
}

function assemble(values: Values): Config {
  return {
    http: httpOf(values),
    roles: values.MILLRACE_ROLES,
    dataDir: values.MILLRACE_DATA_DIR,
    nats: natsOf(values),
    natsReplicas: values.NATS_REPLICAS,
    logStreams: values.MILLRACE_LOG_STREAMS,
    database: values.DATABASE_URL === undefined ? { kind: 'embedded' } : { kind: 'external', url: values.DATABASE_URL },
    ...secretKeysOf(values),
    outbound: {
      allowPrivateNetwork: values.MILLRACE_ALLOW_PRIVATE_NETWORK,
      allow: values.MILLRACE_OUTBOUND_ALLOW,
      deny: values.MILLRACE_OUTBOUND_DENY,
    },
    ...(values.MILLRACE_OPERATORS === undefined ? {} : { operators: values.MILLRACE_OPERATORS }),
    ...mailOf(values),
    deliveriesKeptMs: values.MILLRACE_DELIVERIES_KEPT,
    emailsKeptMs: values.MILLRACE_EMAILS_KEPT,
    archiveAfterMs: values.MILLRACE_ARCHIVE_AFTER,
    retentionDays: values.MILLRACE_RETENTION_DAYS ?? null,
    visibleWithinMs: values.MILLRACE_VISIBLE_WITHIN_MS,
    logLevel: values.LOG_LEVEL,
    shutdownMs: values.MILLRACE_SHUTDOWN_MS,
  };
}

function secretKeysOf(values: Values): Pick<Config, 'secretKeys'> {
  const { MILLRACE_SECRET_KEY: current, MILLRACE_SECRET_KEY_PREVIOUS: previous } = values;
  return current === undefined ? {} : { secretKeys: [current, ...previous] };
}

function httpOf(values: Values): Config['http'] {
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? urlOf(values.HOST, values.PORT),
    trustedProxies: values.TRUSTED_PROXIES,
    corsOrigins: values.CORS_ORIGINS,
    ...(values.MILLRACE_API_RATE === 'off' ? {} : { apiRate: values.MILLRACE_API_RATE }),
  };
}

function mailOf(values: Values): Pick<Config, 'mail'> {
  const { MILLRACE_MAIL_DOMAIN: domain, MILLRACE_MAIL_TLS_CERT: certFile, MILLRACE_MAIL_TLS_KEY: keyFile } = values;
  if (domain === undefined) return {};
  const tls = certFile !== undefined && keyFile !== undefined ? { tls: { certFile, keyFile } } : {};
  const { MILLRACE_MAIL_HOST: host, MILLRACE_MAIL_PORT: port, MILLRACE_MAIL_RELAYS: relays } = values;
  return { mail: { domain, host, port, relays, ...tls } };
}

function natsOf(values: Values): NatsConfig {
  if (values.NATS_URL === undefined) return { kind: 'embedded', sync: values.MILLRACE_NATS_SYNC };
  return {
    kind: 'external',
    servers: values.NATS_URL,
    ...(values.NATS_CREDS === undefined ? {} : { credsFile: values.NATS_CREDS }),
  };
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
