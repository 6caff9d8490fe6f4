import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { runCommand } from './run-command.mjs';

const LOCK = 'package-lock.json';
/** Written by npm when it has finished. */
const INSTALLED_LOCK = 'node_modules/.package-lock.json';
const STAMP = 'node_modules/.millrace-lock-digest';

/** Whether node_modules is what package-lock.json says. */
export function packagesAreInstalled() {
  if (!existsSync(INSTALLED_LOCK)) return false;
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8') === lockDigest();
  return statSync(INSTALLED_LOCK).mtimeMs >= statSync(LOCK).mtimeMs; // somebody ran npm by hand
}

/** Without install scripts: nothing of ours needs one. With what a production environment leaves out: the build needs it. */
export async function installPackages() {
  const include = ['--include=dev', '--include=optional'];
  await runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...include]);
  writeFileSync(STAMP, lockDigest());
}

function lockDigest() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}
