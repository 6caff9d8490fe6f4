import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs, findFreePort } from '#libs/embedded-servers';

const MAIN = resolve(import.meta.dirname, '../../dist/src/main.js');
const LAST_LINES = 50;
const PORTS_TRIED = 3;
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 20_000;

/** A real process of Millrace, built, as `npm start` runs it; ended by its own pid, at the latest with the tests. */
export class MillraceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  private constructor(
    readonly url: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#child = spawn(process.execPath, [MAIN], {
      // A machine that has much else to do is no reason for another answer.
      env: { PATH: process.env['PATH'], MILLRACE_VISIBLE_WITHIN_MS: '10000', ...env, PORT: new URL(url).port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const dismissGuard = endWithUs(this.pid, 'SIGKILL');
    this.#child.once('exit', dismissGuard);
  }

  /** Comes back when the process says that it is ready; else rejects with its last lines, and nothing is left running. */
  static async start(env: Readonly<Record<string, string>>): Promise<MillraceProcess> {
    if (env['PORT'] !== undefined) return MillraceProcess.#startOn(env['PORT'], env);
    for (let attempt = 1; ; attempt++) {
      try {
        return await MillraceProcess.#startOn(String(await findFreePort()), env);
      } catch (error) {
        // Somebody else found the same port free.
        if (attempt === PORTS_TRIED || !String(error).includes('EADDRINUSE')) throw error;
      }
    }
  }

  static async #startOn(port: string, env: Readonly<Record<string, string>>): Promise<MillraceProcess> {
    const started = new MillraceProcess(`http://127.0.0.1:${port}`, env);
    try {
      await started.#ready();
      return started;
    } catch (error) {
      await started.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stands still until `thaw`. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** SIGTERM; gives the exit code, null when it had to be killed after all. */
  async stop(): Promise<number | null> {
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await this.#end('SIGTERM');
    clearTimeout(patience);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  async #ready(): Promise<void> {
    const { promise, resolve: ready, reject } = Promise.withResolvers<void>();
    const take = (line: string): void => {
      this.#lines.push(line);
      if (this.#lines.length > LAST_LINES) this.#lines.shift();
      if (line.includes('Millrace is ready')) ready();
    };
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (output) createInterface({ input: output }).on('line', take);
    }
    const told = (what: string): Error => new Error(`${what}:\n${this.#lines.join('\n')}`);
    // `close` and not `exit`: the last lines, which say why, may still be on their way.
    this.#child.once('close', (code, signal) => reject(told(`the process ended with ${code ?? signal}`)));
    const late = setTimeout(() => reject(told(`not ready within ${READY_WITHIN_MS} ms`)), READY_WITHIN_MS);
    await promise.finally(() => clearTimeout(late));
  }
}
