import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { endWithUs } from '#libs/embedded-servers';

const SCRIPT = resolve(import.meta.dirname, '../../scripts/cluster.mjs');
const STOPPED_WITHIN_MS = 60_000;

const server = z.object({ url: z.string(), pid: z.int() });
const readySchema = z.object({
  ready: z.literal(true),
  dataDir: z.string(),
  apis: z.array(z.url()).length(2),
  roles: z.array(server.extend({ name: z.string(), roles: z.array(z.string()) })),
  nats: z.array(server).length(3),
  postgres: server,
});

/** `npm run cluster`: everything that docker-compose.yml starts, as processes of this machine. */
export class ClusterProcess implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: z.infer<typeof readySchema>,
  ) {}

  static async start(...args: readonly string[]): Promise<ClusterProcess> {
    // A machine that has much else to do is no reason for another answer.
    const patient = ['--visible-within-ms', '20000'];
    const child = spawn(process.execPath, [SCRIPT, ...patient, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.once('exit', endWithUs(child.pid ?? 0, 'SIGTERM'));
    for await (const line of createInterface({ input: child.stdout })) {
      return new ClusterProcess(child, readySchema.parse(JSON.parse(line)));
    }
    throw new Error('the cluster ended without a word on stdout');
  }

  /** Of all processes that the cluster consists of. */
  get pids(): number[] {
    const { roles, nats, postgres } = this.ready;
    return [...roles, ...nats, postgres].map((one) => one.pid);
  }

  /** The environment of one more process of Millrace there. */
  get env(): Readonly<Record<string, string>> {
    const { nats, postgres, dataDir } = this.ready;
    return {
      NATS_URL: nats.map(({ url }) => url).join(','),
      NATS_REPLICAS: String(nats.length),
      DATABASE_URL: postgres.url,
      MILLRACE_DATA_DIR: join(dataDir, 'one-more'),
      MILLRACE_SECRET_KEY: readFileSync(join(dataDir, 'secret.key'), 'utf8'),
    };
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exit = once(this.child, 'exit', { signal: AbortSignal.timeout(STOPPED_WITHIN_MS) });
    this.child.kill('SIGTERM');
    await exit;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
