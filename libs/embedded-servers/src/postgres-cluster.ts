import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './errors.ts';
import type { OsUser } from './os-user.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

const run = promisify(execFile);

export const SUPERUSER = 'millrace';

/** Nothing of the caller's environment: a stray PGPORT or locale must not change what we start. */
export const POSTGRES_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export interface ClusterFiles {
  /** Postgres' own data directory. */
  readonly cluster: string;
  /** Readable by us alone; not by the user that Postgres runs as. */
  readonly password: string;
  readonly log: string;
}

export function clusterFilesIn(dataDir: string): ClusterFiles {
  return { cluster: join(dataDir, 'cluster'), password: join(dataDir, 'password'), log: join(dataDir, 'server.log') };
}

/** Makes the database files unless they are there, whole or not at all, and returns the superuser's password. */
export async function ensureCluster(
  files: ClusterFiles,
  binaries: PostgresBinaries,
  user: OsUser | undefined,
): Promise<string> {
  if (!existsSync(files.cluster)) await createCluster(files, binaries, user);
  return (await readFile(files.password, 'utf8')).trim();
}

async function createCluster(files: ClusterFiles, binaries: PostgresBinaries, user: OsUser | undefined): Promise<void> {
  const unfinished = `${files.cluster}.new`;
  const passwordForInitdb = `${files.cluster}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  await writeFile(files.password, password, { mode: 0o600 });
  await writeFile(passwordForInitdb, password, { mode: 0o600 });
  if (user) await Promise.all([unfinished, passwordForInitdb].map((path) => chown(path, user.uid, user.gid)));
  try {
    await run(binaries.initdb, initdbArgs(unfinished, passwordForInitdb), { ...user, cwd: '/', env: POSTGRES_ENV });
  } catch (cause) {
    throw new EmbeddedServerError(
      'POSTGRES_SETUP_FAILED',
      `initdb could not make the database files in ${unfinished}: ${String(cause)}`,
      { cause },
    );
  } finally {
    await rm(passwordForInitdb, { force: true });
  }
  await chmod(unfinished, 0o700);
  await rename(unfinished, files.cluster);
}

function initdbArgs(cluster: string, passwordFile: string): string[] {
  return [
    ...['-D', cluster, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-instructions'],
    // A bundled locale: systems without any locale installed are common.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    // Iterations slow down guessing a password that people chose; nobody guesses 192 random bits.
    ...['-c', 'scram_iterations=1'],
  ];
}
