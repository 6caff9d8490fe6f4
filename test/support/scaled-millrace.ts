import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { call } from './api.ts';
import { makeDataDir } from './data-dir.ts';
import { MillraceProcess } from './millrace-process.ts';
import { startTestNats, TestPostgres, type TestNats } from './servers.ts';
import { until } from './until.ts';

const PARTS = ['api', 'worker', 'projector'] as const;
type Part = (typeof PARTS)[number];

interface Servers {
  readonly nats: TestNats;
  readonly postgres: TestPostgres;
}

/** An api, a worker and a projector, each a process of its own, on a NATS and a Postgres that can be killed too. */
export class ScaledMillrace implements AsyncDisposable {
  readonly #processes = new Map<Part, MillraceProcess>();

  private constructor(
    readonly servers: Servers,
    private readonly env: Readonly<Record<string, string>>,
    private readonly dataDir: string,
  ) {}

  static async start(): Promise<ScaledMillrace> {
    const { path } = await makeDataDir();
    const [nats, postgres] = await Promise.all([startTestNats(), TestPostgres.start()]);
    const env = {
      NATS_URL: nats.url,
      DATABASE_URL: postgres.url,
      MILLRACE_SECRET_KEY: randomBytes(32).toString('base64'),
      MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
    };
    const millrace = new ScaledMillrace({ nats, postgres }, env, path);
    try {
      for (const part of PARTS) await millrace.startPart(part);
      return millrace;
    } catch (error) {
      await millrace[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of the api. */
  get url(): string {
    return this.#part('api').url;
  }

  pidOf(part: Part): number {
    return this.#part(part).pid;
  }

  /** kill -9, and waits until it is dead. */
  async killPart(part: Part): Promise<void> {
    await this.#part(part).kill();
  }

  /** After `killPart`: again, where it was. */
  async startPart(part: Part): Promise<void> {
    const before = this.#processes.get(part);
    const env = {
      ...this.env,
      MILLRACE_ROLES: part,
      MILLRACE_DATA_DIR: join(this.dataDir, part),
      ...(before && { PORT: new URL(before.url).port }),
    };
    this.#processes.set(part, await MillraceProcess.start(env));
  }

  /** Waits until `/health/ready` of the api is answered with this status. */
  async untilReadinessIs(status: 200 | 503): Promise<void> {
    await until(`/health/ready says ${status}`, async () =>
      (await call(this.url, 'GET', '/health/ready')).status === status ? true : undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.values()].map((one) => one[Symbol.asyncDispose]()));
    await Promise.all([this.servers.nats.stop(), this.servers.postgres.stop()]);
  }

  #part(part: Part): MillraceProcess {
    const found = this.#processes.get(part);
    if (!found) throw new Error(`there is no ${part}`);
    return found;
  }
}
