import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { endWithUs } from '#libs/embedded-servers';
import { until } from './until.ts';

const STARTED_WITHIN_MS = 20_000;
/** Debian keeps servers where the path of most does not lead. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** What a program of the system's says. Throws when it fails. */
export function systemCommand(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', env: { PATH } }).trim();
}

export interface ForegroundServerOptions {
  readonly command: readonly [string, ...string[]];
  /** On loopback; who connects to it is greeted once the server is ready. */
  readonly port: number;
  readonly logFile: string;
}

/** A server of the system's, with a configuration of our own: it stays in front, and all its processes end with it and with us. */
export class ForegroundServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #dismissGuard: () => void;

  private constructor(
    private readonly options: ForegroundServerOptions,
    child: ChildProcess,
  ) {
    this.#child = child;
    this.#exited = once(child, 'close');
    this.#dismissGuard = endWithUs(this.pid, 'SIGTERM');
  }

  static async start(options: ForegroundServerOptions): Promise<ForegroundServer> {
    const [program, ...args] = options.command;
    const log = openSync(options.logFile, 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true, env: { PATH } });
    closeSync(log);
    await once(child, 'spawn');
    const server = new ForegroundServer(options, child);
    await server.#untilReady();
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded()) {
      this.#child.kill('SIGTERM');
      await this.#exited;
    }
    this.#dismissGuard();
  }

  async #untilReady(): Promise<void> {
    const { command, port, logFile } = this.options;
    try {
      await until(
        `${command[0]} listens on ${port}`,
        async () => {
          if (this.#hasEnded()) throw new Error(`${command.join(' ')} ended:\n${readFileSync(logFile, 'utf8')}`);
          return (await greets(port)) ? true : undefined;
        },
        STARTED_WITHIN_MS,
      );
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Whether somebody accepts connections there and says something first, as servers of SMTP and IMAP do. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const greeted = once(socket, 'data');
  try {
    await Promise.race([greeted, once(socket, 'close').then(() => Promise.reject(new Error('closed')))]);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
