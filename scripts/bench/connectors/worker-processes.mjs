import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findFreePort,
  findRunningNatsServer,
  findRunningPostgres,
} from '../../../dist/libs/embedded-servers/src/index.js';
import { RoleProcess } from '../../cluster/role-process.mjs';

/** Workers in processes of their own, at the servers of an app that has none. */
export class WorkerProcesses {
  #processes = [];

  static async start(app, count) {
    const workers = new WorkerProcesses();
    try {
      for (let number = 1; number <= count; number += 1) workers.#processes.push(await workerOf(app, number));
      await Promise.all(workers.#processes.map((process) => process.untilReady()));
      return workers;
    } catch (error) {
      await workers[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pids() {
    return this.#processes.map(({ pid }) => pid);
  }

  get urls() {
    return this.#processes.map(({ url }) => url);
  }

  async [Symbol.asyncDispose]() {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }
}

async function workerOf(app, number) {
  const data = join(app.dir, 'data');
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const env = {
    PORT: new URL(url).port,
    HOST: '127.0.0.1',
    PUBLIC_URL: app.url,
    NATS_URL: await findRunningNatsServer(join(data, 'nats')),
    DATABASE_URL: await findRunningPostgres(join(data, 'postgres')),
    MILLRACE_SECRET_KEY: readFileSync(join(data, 'secret.key'), 'utf8').split('\n')[0],
    MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
    MILLRACE_ROLES: 'worker',
    LOG_LEVEL: 'warn',
  };
  const name = `worker-${number}`;
  return new RoleProcess({ name, url, dataDir: join(app.dir, name), env });
}
