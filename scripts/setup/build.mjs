import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

const ROOTS = ['src', 'libs', 'migrations'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'];
const NOT_BUILT = /(\.spec|\.int-spec)\.ts$/;
const STAMP = 'dist/.sources-digest';

/** Whether dist was built from just these sources. By content: a checkout changes times, and removals change none. */
export function buildIsFresh() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourcesDigest();
}

export async function build() {
  const digest = sourcesDigest(); // before: what is edited meanwhile is built the next time
  await runCommand('npm', ['run', '-s', 'build']);
  writeFileSync(STAMP, digest);
}

function sourcesDigest() {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...ROOTS.flatMap(sourcesIn)]) {
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function sourcesIn(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !NOT_BUILT.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
