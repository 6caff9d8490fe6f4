import { randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedServerError } from './errors.ts';

/**
 * Where root puts what an unprivileged Postgres needs when the checkout or the data directory lies below a directory that
 * only root may enter. Its parent belongs to root, so nobody can have planted anything there.
 */
const HOME = '/var/lib/millrace';

/** A copy of the directory that everybody may read; made once per name, whole or not at all. */
export async function copyForEverybody(source: string, name: string): Promise<string> {
  const copy = join(await makeHome(), name);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${randomUUID()}`;
  await cp(source, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; // else somebody was first, and theirs is as good
  });
  return copy;
}

/** The place outside that stands for `dataDir`. A data directory that was deleted and made anew gets a new one. */
export async function findStandInFor(dataDir: string): Promise<string> {
  const note = join(dataDir, 'stand-in');
  if (!existsSync(note)) await writeFile(note, join(await makeHome(), `data-${randomUUID()}`));
  const standIn = await readFile(note, 'utf8');
  await makeHome();
  await mkdir(standIn, { recursive: true, mode: 0o711 });
  return standIn;
}

/** The place that stands for `dataDir`, if there is one. Only reads. */
export async function presentStandInFor(dataDir: string): Promise<string | undefined> {
  const note = join(dataDir, 'stand-in');
  return existsSync(note) ? readFile(note, 'utf8') : undefined;
}

async function makeHome(): Promise<string> {
  await mkdir(HOME, { recursive: true, mode: 0o711 });
  const { uid, mode } = await lstat(HOME);
  if (uid === 0 && (mode & 0o022) === 0) return HOME;
  throw new EmbeddedServerError(
    'POSTGRES_SETUP_FAILED',
    `${HOME} must belong to root and be writable by root alone, as programs are run from it. Remove it, or start as a plain user.`,
  );
}
