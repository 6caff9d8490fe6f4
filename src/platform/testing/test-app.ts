import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createTestDatabase, type TestDatabase } from '../../../test/support/servers.ts';
import type { AppParts } from '../../app.module.ts';
import { createApp } from '../../app.ts';
import { parseConfig } from '../../config/config.ts';
import { createLogger } from '../logging/logger.ts';
import { createRootKeys, type RootKeys } from '../root-keys.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

export interface Call {
  readonly body?: unknown;
  /** As it is, instead of `body`. */
  readonly text?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it seems to come from; default: 127.0.0.1. */
  readonly ip?: string;
}

/** The application on a database of its own, called without a socket, with its clock and its log in the test's hands. */
export class TestApp implements AsyncDisposable {
  readonly clock = { now: Date.UTC(2026, 5, 1, 12), nowMs: (): number => this.clock.now };
  readonly log: string[] = [];
  readonly secretKey: Uint8Array = randomBytes(32);
  readonly rootKeys: RootKeys = createRootKeys([this.secretKey]);
  #app: NestFastifyApplication | undefined;
  #database: TestDatabase | undefined;

  /** `before` is called when the application is made and not yet started. */
  static async start(
    parts: Partial<AppParts> = {},
    before?: (nest: NestFastifyApplication) => unknown,
  ): Promise<TestApp> {
    const app = new TestApp();
    try {
      await app.start(parts, before);
      return app;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  private async start(parts: Partial<AppParts>, before?: (nest: NestFastifyApplication) => unknown): Promise<void> {
    this.#database = parts.databaseUrl === undefined ? await createTestDatabase() : undefined;
    this.#app = await createApp({
      config: parseConfig({}),
      rootKeys: this.rootKeys,
      logger: createLogger({
        level: 'info',
        pretty: false,
        destination: { write: (line) => void this.log.push(line) },
      }),
      clock: this.clock,
      databaseUrl: this.#database?.url ?? '',
      features: [],
      ...parts,
    });
    await before?.(this.#app);
    await this.#app.init();
    await this.#app.getHttpAdapter().getInstance().ready();
  }

  /** For another application on the same database. */
  get databaseUrl(): string {
    if (!this.#database) throw new Error('the database is not of this application');
    return this.#database.url;
  }

  get nest(): NestFastifyApplication {
    if (!this.#app) throw new Error('the application did not start');
    return this.#app;
  }

  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS',
    url: string,
    call: Call = {},
  ): Promise<Answer> {
    const payload = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const answer = await this.nest.inject({
      method,
      url,
      headers: {
        ...(payload !== undefined && { 'content-type': 'application/json' }),
        ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
        ...call.headers,
      },
      ...(payload !== undefined && { payload }),
      ...(call.ip !== undefined && { remoteAddress: call.ip }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: parsed(answer.body) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app?.close();
    await this.#database?.[Symbol.asyncDispose]();
  }
}

function parsed(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
