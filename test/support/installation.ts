import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { findFreePort } from '#libs/embedded-servers';
import type { NodeType } from '#libs/node-kit';
import { parseConfig } from '../../src/config/config.ts';
import { MailListener } from '../../src/mail/mail-listener.service.ts';
import { createLogger } from '../../src/platform/logging/logger.ts';
import { createRootKeys, type RootKeys } from '../../src/platform/root-keys.ts';
import { ROOT_KEYS } from '../../src/platform/tokens.ts';
import { startServer } from '../../src/server.ts';
import { createTestDatabase, startTestNats, type TestNats, type TestPostgres } from './servers.ts';

/** Of the addresses of workflows. */
export const MAIL_DOMAIN = 'in.example.com';

export interface LocalMillrace extends AsyncDisposable {
  readonly url: string;
  /** Where it takes mail to addresses of `MAIL_DOMAIN`. */
  readonly mailPort: number;
  readonly databaseUrl: string;
  /** Its own: whatever lies there, Millrace stored. */
  readonly nats: TestNats;
  /** What its tokens are signed with. */
  readonly rootKeys: RootKeys;
  /** Parts of the application, for what no route does. */
  readonly app: Pick<NestFastifyApplication, 'get'>;
  /** Lines of its log from `warn` on. */
  readonly log: readonly string[];
}

export interface OutboundRules {
  readonly allow?: string;
  readonly deny?: string;
}

/**
 * Every role in this process, from the sources, on a NATS and a database of its own: what most stories need. HTTP nodes
 * reach loopback, where the sinks are, unless the story is about that.
 */
export async function startMillrace({
  allowPrivateNetwork = true,
  outbound = {},
  publicUrl,
  mailTls,
  postgres,
  nodeTypes = [],
}: {
  readonly allowPrivateNetwork?: boolean;
  /** Rules about destinations, as the environment has them. */
  readonly outbound?: OutboundRules;
  /** Where others reach it; default: where it listens. */
  readonly publicUrl?: string;
  /** Files in PEM, for mail that comes in. */
  readonly mailTls?: { readonly certFile: string; readonly keyFile: string };
  /** Of the story's own, which it may kill. */
  readonly postgres?: TestPostgres;
  /** Beside those that come with Millrace. */
  readonly nodeTypes?: readonly NodeType[];
} = {}): Promise<LocalMillrace> {
  await using started = new AsyncDisposableStack();
  const nats = started.use(await startTestNats());
  const { url: databaseUrl } = postgres ?? started.use(await createTestDatabase());
  const log: string[] = [];
  const app = await startApp({
    natsUrl: nats.url,
    databaseUrl,
    log,
    allowPrivateNetwork,
    outbound,
    publicUrl,
    mailTls,
    nodeTypes,
  });
  started.defer(() => app.close());
  const url = await app.getUrl();
  const mailPort = app.get(MailListener, { strict: false }).port ?? 0;
  const all = started.move();
  return {
    url,
    mailPort,
    databaseUrl,
    nats,
    log,
    app,
    rootKeys: app.get<RootKeys>(ROOT_KEYS),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startApp(on: {
  natsUrl: string;
  databaseUrl: string;
  log: string[];
  allowPrivateNetwork: boolean;
  outbound: OutboundRules;
  publicUrl: string | undefined;
  mailTls: { readonly certFile: string; readonly keyFile: string } | undefined;
  nodeTypes: readonly NodeType[];
}): Promise<NestFastifyApplication> {
  const secretKey = randomBytes(32);
  const config = parseConfig({
    PORT: String(await findFreePort()),
    PUBLIC_URL: on.publicUrl,
    NATS_URL: on.natsUrl,
    DATABASE_URL: on.databaseUrl,
    MILLRACE_SECRET_KEY: secretKey.toString('base64'),
    MILLRACE_ALLOW_PRIVATE_NETWORK: String(on.allowPrivateNetwork),
    MILLRACE_MAIL_DOMAIN: MAIL_DOMAIN,
    // A machine that has much else to do is no reason for another answer.
    MILLRACE_VISIBLE_WITHIN_MS: '15000',
    MILLRACE_MAIL_PORT: '0',
    MILLRACE_MAIL_TLS_CERT: on.mailTls?.certFile,
    MILLRACE_MAIL_TLS_KEY: on.mailTls?.keyFile,
    MILLRACE_OUTBOUND_ALLOW: on.outbound.allow,
    MILLRACE_OUTBOUND_DENY: on.outbound.deny,
  });
  const destination = { write: (line: string): void => void on.log.push(line) };
  const logger = createLogger({ level: 'warn', pretty: false, destination });
  return startServer({
    config,
    rootKeys: createRootKeys([secretKey]),
    logger,
    servers: { natsServers: [on.natsUrl], databaseUrl: on.databaseUrl },
    nodeTypes: on.nodeTypes,
  });
}
