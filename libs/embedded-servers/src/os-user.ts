import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root. Who runs it instead: the owner of the files it already has, else `postgres`, else
 * `nobody`; no account is created. Undefined when we are not root: then it runs as ourselves.
 */
export async function findUnprivilegedUser(ownedPath: string): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owned = statSync(ownedPath, { throwIfNoEntry: false });
  if (owned && owned.uid !== 0) return { uid: owned.uid, gid: owned.gid };
  return (await lookUp('postgres')) ?? (await lookUp('nobody')) ?? { uid: 65_534, gid: 65_534 };
}

/** Whether that user may run the program. */
export async function canRun(binary: string, user: OsUser | undefined): Promise<boolean> {
  return succeeds(binary, ['--version'], user);
}

/** Whether that user may go into the directory: each one above it must let them through. */
export async function canEnter(directory: string, user: OsUser | undefined): Promise<boolean> {
  return succeeds('/bin/sh', ['-c', 'cd -- "$0"', directory], user);
}

async function lookUp(name: string): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function succeeds(command: string, args: readonly string[], user: OsUser | undefined): Promise<boolean> {
  try {
    await run(command, [...args], { ...user, cwd: '/', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
