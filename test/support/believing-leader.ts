import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '#libs/embedded-servers';
import { z } from 'zod';

const lineSchema = z.object({ fired: z.int() });

/** A process that decides slots as the leader does, without being it. */
export class BelievingLeader implements AsyncDisposable {
  #fired = 0;

  private constructor(private readonly child: ChildProcess) {
    child.once('exit', endWithUs(child.pid ?? 0, 'SIGKILL'));
  }

  static async start(natsUrl: string): Promise<BelievingLeader> {
    const script = join(import.meta.dirname, 'believing-leader.mjs');
    const env = { PATH: process.env['PATH'], NATS_URL: natsUrl };
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const leader = new BelievingLeader(child);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => (leader.#fired = lineSchema.parse(JSON.parse(line)).fired));
    await Promise.race([once(lines, 'line'), ended(child)]);
    return leader;
  }

  /** Slots so far that nobody else had decided before. */
  get fired(): number {
    return this.#fired;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the process that was to believe ended with ${code}`);
}
