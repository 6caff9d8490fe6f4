import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findParts, identityOf } from './processes.mjs';
import { NODE_FLAGS } from '../node-flags.mjs';
import { MAIL_DOMAIN } from './mail/domain.mjs';

const READY_WITHIN_MS = 120_000;
const ENDS_WITHIN_MS = 40_000;
const LOOK_EVERY_MS = 50;
const LOG_TAIL_CHARACTERS = 4_000;

/** One Millrace with servers of its own in a directory of its own; all of it ends with `stop`. */
export class AppProcess {
  #child;
  #ended = false;
  #logFile;

  constructor(dir, { url, mailPort }, options) {
    this.dir = dir;
    this.url = url;
    this.mailPort = mailPort;
    this.#logFile = join(dir, 'app.log');
    const log = openSync(this.#logFile, 'w');
    this.#child = spawn(process.execPath, [...profilerFlags(options), ...NODE_FLAGS, 'dist/src/main.js'], {
      stdio: ['ignore', log, log],
      detached: true, // Ctrl-C is for us; we end it in good order
      env: {
        ...process.env,
        PORT: new URL(url).port,
        HOST: '127.0.0.1',
        PUBLIC_URL: url,
        MILLRACE_DATA_DIR: join(dir, 'data'),
        MILLRACE_NATS_SYNC: options.sync,
        MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
        MILLRACE_MAIL_DOMAIN: MAIL_DOMAIN,
        MILLRACE_MAIL_PORT: String(mailPort),
        MILLRACE_MAIL_RELAYS: '127.0.0.1',
        ...(options.roles ? { MILLRACE_ROLES: options.roles } : {}),
        LOG_LEVEL: 'warn',
      },
    });
    closeSync(log);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', resolve);
      this.#child.once('exit', resolve);
    }).then(() => (this.#ended = true));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Comes back when the app is ready. `started` gets it before, so that it can be stopped meanwhile. */
  static async start(options, started) {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    chmodSync(dir, 0o711); // who starts us as root runs Postgres as another user, and that one must get in
    const [port, mailPort] = [await findFreePort(), await findFreePort()];
    const app = new AppProcess(dir, { url: `http://127.0.0.1:${port}`, mailPort }, options);
    started(app);
    await app.#waitUntilReady();
    return app;
  }

  /** Throws when the app has ended. */
  ensureRunning() {
    if (this.#ended) throw new Error(`the app ended; the end of its log:\n${this.#logTail()}`);
  }

  /** What the app complained about; empty when all went well. */
  complaints() {
    return this.#logTail();
  }

  /** Ends the app, which ends its servers, and makes sure of both. */
  async stop({ keep }) {
    const servers = this.#ended ? [] : this.#findServers();
    if (!this.#ended) this.#child.kill('SIGTERM');
    await Promise.race([this.exited, delay(ENDS_WITHIN_MS, undefined, { ref: false })]);
    if (!this.#ended) this.#child.kill('SIGKILL');
    await endOrphans(servers);
    if (keep) process.stderr.write(`kept: ${this.dir}\n`);
    else rmSync(this.dir, { recursive: true, force: true });
  }

  #findServers() {
    const { nats, postgres } = findParts(this.pid);
    return [nats[0], postgres[0]].filter((pid) => pid !== undefined).map((pid) => ({ pid, identity: identityOf(pid) }));
  }

  async #waitUntilReady() {
    for (const deadline = performance.now() + READY_WITHIN_MS; performance.now() < deadline;) {
      this.ensureRunning();
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      await response?.arrayBuffer();
      if (response?.ok) return;
      await delay(LOOK_EVERY_MS);
    }
    throw new Error(
      `the app was not ready within ${READY_WITHIN_MS / 1000} s; the end of its log:\n${this.#logTail()}`,
    );
  }

  #logTail() {
    return readFileSync(this.#logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
  }
}

/** An app that was killed leaves its servers to their guards, which need a moment. */
async function endOrphans(servers) {
  const isAlive = ({ pid, identity }) => identityOf(pid) === identity;
  const deadline = performance.now() + ENDS_WITHIN_MS;
  while (servers.some(isAlive) && performance.now() < deadline) await delay(LOOK_EVERY_MS);
  for (const { pid } of servers.filter(isAlive)) process.kill(pid, 'SIGKILL');
}

function profilerFlags({ profileDir }) {
  return profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
}

function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
