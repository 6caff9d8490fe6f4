import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithUs } from '../../dist/libs/embedded-servers/src/index.js';
import { NODE_FLAGS } from '../node-flags.mjs';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** A process of Millrace with the roles that its environment names; its log is a file below its data directory. */
export class RoleProcess {
  #child;
  #over = false;
  #stopping = false;

  constructor({ name, url, dataDir, env }) {
    Object.assign(this, { name, url, log: join(dataDir, 'log.ndjson') });
    mkdirSync(dataDir, { recursive: true });
    const output = openSync(this.log, 'a');
    this.#child = spawn(process.execPath, [...NODE_FLAGS, MAIN], {
      env: { PATH: process.env.PATH, MILLRACE_DATA_DIR: dataDir, ...env },
      stdio: ['ignore', output, output],
      detached: true, // a Ctrl-C at the terminal is for the cluster, which stops its parts in order
    });
    closeSync(output);
    this.pid = this.#child.pid;
    this.#followToItsEnd(endWithUs(this.pid, 'SIGTERM'));
  }

  async untilReady() {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await this.#isReady())) {
      if (this.#over || performance.now() > deadline) {
        throw new Error(
          `${this.name} ${this.#over ? 'ended' : 'was not ready in time'}; its log ends with\n${this.#tail()}`,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  async stop() {
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await this.#end('SIGTERM');
    clearTimeout(patience);
  }

  /** kill -9, and waits until it is dead. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async #end(signal) {
    this.#stopping = true;
    if (this.#over) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }

  async #isReady() {
    try {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2000) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** One that ends by itself is told and not started again: what a killed one does to the others can be watched. */
  #followToItsEnd(dismissGuard) {
    this.#child.once('exit', (code, signal) => {
      this.#over = true;
      dismissGuard();
      if (!this.#stopping) process.stderr.write(`${this.name} (process ${this.pid}) ended with ${signal ?? code}\n`);
    });
  }

  #tail() {
    return readFileSync(this.log, 'utf8').trim().split('\n').slice(-15).join('\n');
  }
}
