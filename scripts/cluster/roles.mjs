import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '../../dist/libs/embedded-servers/src/index.js';
import { RoleProcess } from './role-process.mjs';

const TOPOLOGY = {
  'api-1': 'api',
  'api-2': 'api',
  'worker-1': 'worker',
  'worker-2': 'worker',
  projector: 'projector',
  scheduler: 'scheduler',
};

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
