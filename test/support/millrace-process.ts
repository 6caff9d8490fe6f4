import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { findFreePort } from '#libs/embedded-servers';

const MAIN = resolve('dist/src/main.js');
const LAST_LINES = 50;

/** A real process of Millrace, built, as `npm start` runs it; ended by its own pid. */
export class MillraceProcess implements AsyncDisposable {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly lines: string[],
  ) {}

  /** Comes back when the process says that it is ready; rejects with its last lines when it ends before. */
  static async start(env: Readonly<Record<string, string>>): Promise<MillraceProcess> {
    const port = env['PORT'] ?? String(await findFreePort());
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...env, PORT: port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const started = new MillraceProcess(`http://127.0.0.1:${port}`, child, lines);
    await started.#ready();
    return started;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await exit;
  }

  #ready(): Promise<void> {
    return new Promise((done, fail) => {
      const take = (line: string): void => {
        this.lines.push(line);
        if (this.lines.length > LAST_LINES) this.lines.shift();
        if (line.includes('Millrace is ready')) done();
      };
      for (const output of [this.child.stdout, this.child.stderr]) {
        if (output) createInterface({ input: output }).on('line', take);
      }
      this.child.once('exit', (code, signal) =>
        fail(new Error(`ended with ${code ?? signal}:\n${this.lines.join('\n')}`)),
      );
    });
  }
}
