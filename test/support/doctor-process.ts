import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { endWithUs } from '#libs/embedded-servers';

const SCRIPT = resolve(import.meta.dirname, '../../scripts/doctor.mjs');

export interface Examined {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `npm run doctor` as a process of its own, in this environment and nothing else. */
export async function runDoctor(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Examined> {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.once('exit', endWithUs(child.pid ?? 0, 'SIGKILL'));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}
