import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerExit } from './embedded-server.ts';
import { EmbeddedServerError } from './errors.ts';
import { endWithUs } from './parent-guard.ts';
import { ServerLog } from './server-log.ts';

const LOOK_EVERY_MS = 5;

export interface ServerCommand {
  /** What people call it, for messages. */
  readonly label: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** The first asks for an end in good order; each next one, after `patienceMs`, is less polite. */
  readonly stopSignals: readonly [NodeJS.Signals, ...NodeJS.Signals[]];
  readonly patienceMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A running child: its end is observed from the first moment, and it ends with us. */
export class ServerProcess {
  readonly exited: Promise<ServerExit>;
  readonly #child: ChildProcess;
  readonly #log: ServerLog;
  readonly #command: ServerCommand;
  #stopping = false;
  #over = false;

  constructor(command: ServerCommand) {
    this.#command = command;
    this.#log = new ServerLog(command.logFile);
    this.#child = spawn(command.binary, [...command.args], {
      stdio: ['ignore', this.#log.descriptor, this.#log.descriptor],
      detached: true, // Ctrl-C at a terminal must reach only us: the servers stop last
      cwd: '/',
      env: command.env ?? { PATH: '/usr/bin:/bin' },
      ...command.user,
    });
    this.#log[Symbol.dispose]();
    this.exited = this.#observeExit();
  }

  /** 0 when the program could not even be started; then `exited` says why. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits for `probe` to give a value. Throws SERVER_DID_NOT_START, after which nothing is left running. */
  async waitUntilReady<Value>(probe: () => Value | undefined, limitMs: number): Promise<Value> {
    const deadline = performance.now() + limitMs;
    while (!this.#over && performance.now() < deadline) {
      const value = probe();
      if (value !== undefined) return value;
      await delay(LOOK_EVERY_MS);
    }
    const why = this.#over ? 'ended while it started' : `was not ready within ${limitMs / 1000} s`;
    await this.stop();
    const { label, logFile } = this.#command;
    throw new EmbeddedServerError(
      'SERVER_DID_NOT_START',
      `${label} ${why}. The end of its log (${logFile}):\n${this.#log.tail()}`,
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const signal of this.#command.stopSignals) {
      if (this.#over) return;
      this.#child.kill(signal);
      await this.#waitForExit(this.#command.patienceMs);
    }
    await this.exited;
  }

  #observeExit(): Promise<ServerExit> {
    const dismissGuard = this.#child.pid ? endWithUs(this.#child.pid, this.#command.stopSignals[0]) : () => undefined;
    return new Promise((resolve) => {
      const settle = (code: number | null, signal: NodeJS.Signals | null, tail: string): void => {
        this.#over = true;
        dismissGuard();
        resolve({ expected: this.#stopping, code, signal, tail });
      };
      this.#child.once('error', (error) => {
        settle(null, null, error.message);
      });
      this.#child.once('exit', (code, signal) => {
        settle(code, signal, this.#log.tail());
      });
    });
  }

  async #waitForExit(limitMs: number): Promise<void> {
    const over = new AbortController();
    const limit = delay(limitMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.exited, limit]);
    over.abort();
  }
}
