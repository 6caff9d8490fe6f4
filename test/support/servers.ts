import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { findNatsServer, startNatsServer, startPostgres, type EmbeddedServer } from '#libs/embedded-servers';
import { makeDataDir } from './data-dir.ts';

export interface TestNatsOptions {
  /** Default `1m`: killing a process loses nothing that was acknowledged, and tests do not cut the power. */
  readonly syncInterval?: string;
  /** Lines of nats-server's configuration that are added. */
  readonly extraConfig?: string;
}

/** A server for one test file, on a port and a directory of its own that stay through every stop and start. */
class TestServer implements AsyncDisposable {
  #server: EmbeddedServer;

  protected constructor(
    server: EmbeddedServer,
    private readonly startOnPort: (port: number) => Promise<EmbeddedServer>,
  ) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** In good order. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.#server.exited;
  }

  /** After `stop` or `kill`: again, where it was. */
  async start(): Promise<void> {
    this.#server = await this.startOnPort(this.port);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export class TestNats extends TestServer {
  static async start(options: TestNatsOptions = {}): Promise<TestNats> {
    const binary = await findNatsServer();
    const dataDir = await mkdtemp(join(fromGlobalSetup('MILLRACE_TEST_DATA_DIR'), 'nats-'));
    const start = (port?: number): Promise<EmbeddedServer> =>
      startNatsServer({ syncInterval: '1m', ...options, binary, dataDir, ...(port === undefined ? {} : { port }) });
    return new TestNats(await start(), start);
  }
}

/** A Postgres that one test file may kill; `createTestDatabase` is enough for all that do not. */
export class TestPostgres extends TestServer {
  static async start(): Promise<TestPostgres> {
    const { path: dataDir } = await makeDataDir();
    const start = (port?: number): Promise<EmbeddedServer> =>
      startPostgres({ dataDir, ...(port === undefined ? {} : { port }) });
    return new TestPostgres(await start(), start);
  }
}

export function startTestNats(options?: TestNatsOptions): Promise<TestNats> {
  return TestNats.start(options);
}

/** A database for one test file. Disposing fails when somebody is still connected, as that somebody has leaked. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** An empty database, or a copy of `template` (see `ensureTemplateDatabase`). It goes with the run. */
export async function createTestDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.template ?? 'template0';
  await asAdmin((admin) => admin.query(`create database ${name} template ${template}`));
  return { url: databaseUrl(name), [Symbol.asyncDispose]: () => ensureNobodyConnected(name) };
}

/**
 * Makes a database once per run, whichever worker comes first, and lets `prepare` fill it, e.g. with the migrations.
 * Copying it takes a tenth of the time that migrating takes. `prepare` must close its connections.
 */
export async function ensureTemplateDatabase(name: string, prepare: (url: string) => Promise<void>): Promise<void> {
  await asAdmin(async (admin) => {
    await admin.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    const unfinished = `${name}_unfinished`;
    await admin.query(`drop database if exists ${unfinished} with (force)`);
    await admin.query(`create database ${unfinished} template template0`);
    await prepare(databaseUrl(unfinished));
    await ensureNobodyConnected(unfinished);
    await admin.query(`alter database ${unfinished} rename to ${name}`);
  });
}

async function ensureNobodyConnected(name: string): Promise<void> {
  await asAdmin(async (admin) => {
    let queries: string[] = [];
    // A backend lives on for a moment after its client has said goodbye.
    for (let attempt = 0; attempt < 100; attempt++) {
      const { rows } = await admin.query<{ query: string }>(
        `select query from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [name],
      );
      queries = rows.map(({ query }) => query);
      if (queries.length === 0) return;
      await delay(20);
    }
    throw new Error(
      `${queries.length} connections to ${name} were left open; their last queries: ${queries.join(' | ')}`,
    );
  });
}

async function asAdmin<Result>(work: (admin: Client) => Promise<Result>): Promise<Result> {
  const admin = new Client({ connectionString: fromGlobalSetup('MILLRACE_TEST_POSTGRES_URL') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(fromGlobalSetup('MILLRACE_TEST_POSTGRES_URL'));
  url.pathname = `/${name}`;
  return url.href;
}

function fromGlobalSetup(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run this with --selectProjects integration or e2e`);
  return value;
}
