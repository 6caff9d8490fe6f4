import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithUs, findFreePort } from '../../dist/libs/embedded-servers/src/index.js';
import { NODE_FLAGS } from '../node-flags.mjs';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const TOPOLOGY = {
  'api-1': 'api',
  'api-2': 'api',
  'worker-1': 'worker',
  'worker-2': 'worker',
  projector: 'projector',
  scheduler: 'scheduler',
};
const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** Starts every role as a process, and comes back when each says that it is ready. */
export async function startRoles(env, dataDir, started) {
  mkdirSync(dataDir, { recursive: true });
  const publicUrl = `http://127.0.0.1:${await findFreePort()}`;
  const processes = [];
  started.add(() => Promise.all(processes.map((process) => process.stop())));
  for (const [name, roles] of Object.entries(TOPOLOGY)) {
    const url = processes.length === 0 ? publicUrl : `http://127.0.0.1:${await findFreePort()}`;
    const itsEnv = { ...env, PORT: new URL(url).port, PUBLIC_URL: publicUrl, MILLRACE_ROLES: roles };
    processes.push(new RoleProcess({ name, url, dataDir: join(dataDir, name), env: itsEnv }));
  }
  await Promise.all(processes.map((process) => process.untilReady()));
  return processes.map(({ name, url, pid, log }) => ({ name, roles: [TOPOLOGY[name]], url, pid, log }));
}

class RoleProcess {
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
    this.#stopping = true;
    if (this.#over) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await exited;
    clearTimeout(patience);
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
