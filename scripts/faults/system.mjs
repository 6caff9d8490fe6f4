import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFreePort,
  findNatsServer,
  startNatsServer,
  startPostgres,
} from '../../dist/libs/embedded-servers/src/index.js';
import { RoleProcess } from '../cluster/role-process.mjs';
import { Part } from './part.mjs';
import { SmallDisk } from './small-disk.mjs';

const ROLES = {
  api: 'api',
  'worker-1': 'worker',
  'worker-2': 'worker',
  'projector-1': 'projector',
  'projector-2': 'projector',
};

/** Every part a process of its own, with a disk of its own for NATS where that can be had. */
export class System {
  /** @type {Map<string, Part>} in the order of their start */
  #parts = new Map();
  #keep;

  constructor({ keep }) {
    this.#keep = keep;
    this.dir = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    chmodSync(this.dir, 0o755); // as root, Postgres runs as somebody else, who must be able to go in
  }

  /** Of the api. */
  url;
  /** @type {SmallDisk | undefined} */
  disk;
  /** Why there is none. */
  whyNoDisk = '';

  async start() {
    await this.#mountDisk();
    await this.#startServers();
    const env = {
      NATS_URL: this.natsUrl,
      DATABASE_URL: this.databaseUrl,
      MILLRACE_SECRET_KEY: randomBytes(32).toString('base64'),
      MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: 'info',
    };
    this.url = `http://127.0.0.1:${await findFreePort()}`;
    for (const [name, roles] of Object.entries(ROLES)) {
      const url = name === 'api' ? this.url : `http://127.0.0.1:${await findFreePort()}`;
      const itsEnv = { ...env, PORT: new URL(url).port, PUBLIC_URL: this.url, MILLRACE_ROLES: roles };
      await this.#startPart(name, () => startRole({ name, url, dataDir: join(this.dir, name), env: itsEnv }));
    }
  }

  part(name) {
    return this.#parts.get(name);
  }

  get parts() {
    return [...this.#parts.values()];
  }

  /** Ends all of it, what was started last first. */
  async stop() {
    const [nats, postgres, ...roles] = this.#parts.values();
    await Promise.all(roles.map((part) => part.stop()));
    await Promise.all([nats?.stop(), postgres?.stop()]);
    if (this.#keep) return;
    await this.disk?.unmount();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #mountDisk() {
    try {
      this.disk = await SmallDisk.mount(this.dir);
    } catch (error) {
      this.whyNoDisk = `a file system can't be mounted here (${error.message.trim().split('\n').at(-1)})`;
    }
  }

  async #startServers() {
    const binary = await findNatsServer();
    const natsDir = join(this.disk?.path ?? this.dir, 'nats');
    const natsPort = await findFreePort();
    const postgresPort = await findFreePort();
    await this.#startPart('nats', async () => {
      const server = await startNatsServer({ binary, dataDir: natsDir, port: natsPort, syncInterval: 'always' });
      this.natsUrl = server.url;
      return killable(server);
    });
    await this.#startPart('postgres', async () => {
      const server = await startPostgres({ dataDir: join(this.dir, 'postgres'), port: postgresPort });
      this.databaseUrl = server.url;
      return killable(server);
    });
  }

  async #startPart(name, start) {
    const part = new Part(name, start);
    await part.start();
    this.#parts.set(name, part);
  }
}

function killable(server) {
  const kill = async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
  };
  return { pid: server.pid, stop: () => server.stop(), kill };
}

async function startRole(options) {
  const role = new RoleProcess(options);
  try {
    await role.untilReady();
    return role;
  } catch (error) {
    await role.kill();
    throw error;
  }
}
