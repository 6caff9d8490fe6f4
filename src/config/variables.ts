import { z } from 'zod';
import { tryParseId } from '#libs/kernel';
import { parseDestinations, parseOrigins, parseProxies, parseRate } from './edge-variables.ts';
import { parseKept } from './kept.ts';
import { refuse, type Context } from './refuse.ts';
import { MAX_SECRET_KEYS, tryParseSecretKey } from './secret-key.ts';

export const ROLES = ['api', 'worker', 'projector', 'scheduler', 'mail'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every variable by name, parsed on its own; `crossProblems` holds what concerns several. */
export const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: hostName().default('127.0.0.1'),
  PUBLIC_URL: z.string().transform(parsePublicUrl).optional(),
  TRUSTED_PROXIES: z.string().transform(parseProxies).default([]),
  CORS_ORIGINS: z.string().transform(parseOrigins).default([]),
  MILLRACE_API_RATE: z.string().transform(parseRate).default({ requests: 100_000, windowSeconds: 10 }),
  MILLRACE_ROLES: z.string().transform(parseRoles).default(new Set(ROLES)),
  MILLRACE_DATA_DIR: z.string().default('.millrace'),
  NATS_URL: z.string().transform(parseServers).optional(),
  NATS_CREDS: z.string().optional(),
  NATS_REPLICAS: oneOf([1, 3, 5]).default(1),
  MILLRACE_LOG_STREAMS: oneOf([1, 2, 4, 8, 16]).default(4),
  MILLRACE_NATS_SYNC: z
    .string()
    .regex(/^(always|[1-9]\d{0,5}(ms|s|m))$/, 'must be "always" or an interval in ms, s or m')
    .default('always'),
  DATABASE_URL: z.string().transform(parseDatabaseUrl).optional(),
  MILLRACE_SECRET_KEY: z.string().transform(parseSecretKey).optional(),
  MILLRACE_SECRET_KEY_PREVIOUS: z.string().transform(parsePreviousKeys).default([]),
  MILLRACE_ALLOW_PRIVATE_NETWORK: z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .default(false),
  MILLRACE_OUTBOUND_ALLOW: z.string().transform(parseDestinations).default([]),
  MILLRACE_OUTBOUND_DENY: z.string().transform(parseDestinations).default([]),
  MILLRACE_OPERATORS: z.string().transform(parseOperators).optional(),
  MILLRACE_MAIL_DOMAIN: z
    .string()
    .regex(/^(?=.{1,190}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/, 'must be a domain')
    .toLowerCase()
    .optional(),
  MILLRACE_MAIL_HOST: hostName().default('127.0.0.1'),
  MILLRACE_MAIL_PORT: wholeNumber(0, 65_535).default(2525),
  MILLRACE_MAIL_RELAYS: z.string().transform(parseProxies).default([]),
  MILLRACE_MAIL_TLS_CERT: z.string().optional(),
  MILLRACE_MAIL_TLS_KEY: z.string().optional(),
  MILLRACE_DELIVERIES_KEPT: z
    .string()
    .transform(parseKept)
    .default(30 * 24 * 3_600_000),
  MILLRACE_EMAILS_KEPT: z
    .string()
    .transform(parseKept)
    .default(90 * 24 * 3_600_000),
  MILLRACE_ARCHIVE_AFTER: z
    .string()
    .transform(parseKept)
    .default(7 * 24 * 3_600_000),
  MILLRACE_RETENTION_DAYS: wholeNumber(1, 36_500).optional(),
  MILLRACE_VISIBLE_WITHIN_MS: wholeNumber(1_000, 60_000).default(2_000),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  MILLRACE_SHUTDOWN_MS: wholeNumber(0, 3_600_000).default(10_000),
});

export type Values = z.output<typeof variables>;
export type VariableName = keyof Values;

export const EXAMPLES: Record<VariableName, string> = {
  PORT: '3000',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'https://automation.example.com',
  TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8',
  CORS_ORIGINS: 'https://app.example.com,https://admin.example.com',
  MILLRACE_API_RATE: '600/1m',
  MILLRACE_ROLES: ROLES.join(','),
  MILLRACE_DATA_DIR: '.millrace',
  NATS_URL: 'nats://n1:4222,nats://n2:4222,nats://n3:4222',
  NATS_CREDS: '/run/secrets/millrace.creds',
  NATS_REPLICAS: '3',
  MILLRACE_LOG_STREAMS: '4',
  MILLRACE_NATS_SYNC: '1s',
  DATABASE_URL: 'postgres://millrace:password@db:5432/millrace',
  MILLRACE_SECRET_KEY: '"$(openssl rand -base64 32)"',
  MILLRACE_SECRET_KEY_PREVIOUS: '"$OLD_KEY,$OLDER_KEY"',
  MILLRACE_ALLOW_PRIVATE_NETWORK: 'false',
  MILLRACE_OUTBOUND_ALLOW: 'erp.internal.example.com:8443,10.20.0.0/16',
  MILLRACE_OUTBOUND_DENY: '*.example.com,192.0.2.0/24,*:25',
  MILLRACE_OPERATORS: 'ws_01JD8Z6Q5T3W9XK7M2N4P6R8S0',
  MILLRACE_MAIL_DOMAIN: 'in.example.com',
  MILLRACE_MAIL_HOST: '0.0.0.0',
  MILLRACE_MAIL_PORT: '2525',
  MILLRACE_MAIL_RELAYS: '10.0.0.25',
  MILLRACE_MAIL_TLS_CERT: '/run/secrets/mail.crt',
  MILLRACE_MAIL_TLS_KEY: '/run/secrets/mail.key',
  MILLRACE_DELIVERIES_KEPT: '30d',
  MILLRACE_EMAILS_KEPT: '90d',
  MILLRACE_ARCHIVE_AFTER: '7d',
  MILLRACE_RETENTION_DAYS: '365',
  MILLRACE_VISIBLE_WITHIN_MS: '5000',
  LOG_LEVEL: 'info',
  MILLRACE_SHUTDOWN_MS: '10000',
};

/** Their values may hold a password or a key: no message repeats them. */
export const SECRETS: ReadonlySet<VariableName> = new Set([
  'NATS_URL',
  'DATABASE_URL',
  'MILLRACE_SECRET_KEY',
  'MILLRACE_SECRET_KEY_PREVIOUS',
]);

function hostName() {
  return z.string().regex(/^[A-Za-z0-9._:-]+$/, 'must be a host name or an IP address');
}

function wholeNumber(min: number, max: number) {
  return z.string().transform((text, context): number => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max
      ? value
      : refuse(context, `must be a whole number from ${min} to ${max}`);
  });
}

function oneOf<const Choice extends number>(choices: readonly Choice[]) {
  return z.string().transform((text, context): Choice => {
    return choices.find((choice) => String(choice) === text) ?? refuse(context, `must be one of ${choices.join(', ')}`);
  });
}

function parseRoles(text: string, context: Context): ReadonlySet<Role> {
  const names = text.split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => names.includes(role));
  const known = names.every((name) => roles.some((role) => role === name));
  return known ? new Set(roles) : refuse(context, `must be a comma-separated list of ${ROLES.join(', ')}`);
}

function parseOperators(text: string, context: Context): ReadonlySet<string> {
  const ids = text.split(',').map((id) => id.trim());
  return ids.every((id) => tryParseId('workspace', id) !== undefined)
    ? new Set(ids)
    : refuse(context, 'must be a comma-separated list of ids of workspaces');
}

function parsePublicUrl(text: string, context: Context): string {
  const url = URL.parse(text);
  const usable = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  return usable ? text.replace(/\/+$/, '') : refuse(context, 'must be an http or https URL without query or fragment');
}

const NATS_SERVER = /^((nats|tls):\/\/)?([^\s/@]+@)?[^\s/@,]+$/;

function parseServers(text: string, context: Context): readonly string[] {
  const servers = text.split(',').map((server) => server.trim());
  return servers.every((server) => NATS_SERVER.test(server))
    ? servers
    : refuse(context, 'must be a comma-separated list of NATS servers');
}

function parseDatabaseUrl(text: string, context: Context): string {
  return /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '') ? text : refuse(context, 'must be a postgres:// URL');
}

function parseSecretKey(text: string, context: Context): Uint8Array {
  return tryParseSecretKey(text) ?? refuse(context, 'must be 32 bytes in base64');
}

function parsePreviousKeys(text: string, context: Context): Uint8Array[] {
  const keys = text.split(',').map(tryParseSecretKey);
  const good = keys.filter((key) => key !== undefined);
  return good.length === keys.length && keys.length < MAX_SECRET_KEYS
    ? good
    : refuse(context, `must be at most ${MAX_SECRET_KEYS - 1} comma-separated keys of 32 bytes in base64`);
}
