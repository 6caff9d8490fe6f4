import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { call } from './api.ts';
import { makeDataDir } from './data-dir.ts';
import { MillraceProcess } from './millrace-process.ts';
import { startTestNats, TestPostgres, type TestNats } from './servers.ts';
import { until } from './until.ts';

/** The environment of a part, its roles in it. */
type PartEnv = Readonly<Record<string, string>> & { readonly MILLRACE_ROLES: string };

const PARTS = {
  api: { MILLRACE_ROLES: 'api' },
  worker: { MILLRACE_ROLES: 'worker' },
  projector: { MILLRACE_ROLES: 'projector' },
} as const;

interface Servers {
  readonly nats: TestNats;
  readonly postgres: TestPostgres;
}

/** Roles in processes of their own, on a NATS and a Postgres that can be killed too. */
export class ScaledMillrace<Part extends string = keyof typeof PARTS> implements AsyncDisposable {
  readonly #processes = new Map<Part, MillraceProcess>();

  private constructor(
    readonly servers: Servers,
    private readonly parts: Readonly<Record<Part, PartEnv>>,
    private readonly env: Readonly<Record<string, string>>,
    private readonly dataDir: string,
  ) {}

  /** An api, a worker and a projector. */
  static start(): Promise<ScaledMillrace> {
    return ScaledMillrace.startParts(PARTS);
  }

  /** Parts by their names, one after the other; one of them has the role `api`. */
  static async startParts<Name extends string>(parts: Readonly<Record<Name, PartEnv>>): Promise<ScaledMillrace<Name>> {
    const { path } = await makeDataDir();
    const [nats, postgres] = await Promise.all([startTestNats(), TestPostgres.start()]);
    const env = {
      NATS_URL: nats.url,
      DATABASE_URL: postgres.url,
      MILLRACE_SECRET_KEY: randomBytes(32).toString('base64'),
      MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
    };
    const millrace = new ScaledMillrace<Name>({ nats, postgres }, parts, env, path);
    try {
      for (const part of millrace.names) await millrace.startPart(part);
      return millrace;
    } catch (error) {
      await millrace[Symbol.asyncDispose]();
      throw error;
    }
  }

  get names(): readonly Part[] {
    return Object.keys(this.parts) as Part[];
  }

  /** Of the api. */
  get url(): string {
    const api = this.names.find((name) => this.parts[name].MILLRACE_ROLES.split(',').includes('api'));
    if (api === undefined) throw new Error('no part has the role api');
    return this.urlOf(api);
  }

  urlOf(part: Part): string {
    return this.#part(part).url;
  }

  pidOf(part: Part): number {
    return this.#part(part).pid;
  }

  /** kill -9, and waits until it is dead. */
  async killPart(part: Part): Promise<void> {
    await this.#part(part).kill();
  }

  /** In good order. */
  async stopPart(part: Part): Promise<void> {
    await this.#part(part).stop();
  }

  /** Does nothing more, and does not know it, until `thawPart`. */
  freezePart(part: Part): void {
    this.#part(part).freeze();
  }

  thawPart(part: Part): void {
    this.#part(part).thaw();
  }

  /** After `killPart` or `stopPart`: again, where it was. */
  async startPart(part: Part): Promise<void> {
    const before = this.#processes.get(part);
    const env = {
      ...this.env,
      ...this.parts[part],
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
