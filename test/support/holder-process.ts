import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const serverSchema = z.object({ pid: z.int(), url: z.string() });
const reportSchema = z.object({
  pid: z.int(),
  refused: z.string().optional(),
  message: z.string().optional(),
  nats: serverSchema.optional(),
  postgres: serverSchema.optional(),
});

/** Another process that holds a data directory's lock, or servers on it; there to be killed. */
export class HolderProcess implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    readonly report: z.infer<typeof reportSchema>,
  ) {}

  static async start(what: 'lock' | 'servers', dataDir: string): Promise<HolderProcess> {
    const script = join(import.meta.dirname, 'embedded-servers-holder.mjs');
    const child = spawn(process.execPath, [script, what, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      return new HolderProcess(child, reportSchema.parse(JSON.parse(line)));
    }
    throw new Error('the holder process ended without a word');
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
