// Sees to it that there is a nats-server that is new enough: in ./.cache/bin, or on PATH.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, chmod, readFile, rename } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fetchFromApt } from './nats-server/from-apt.mjs';
import { fetchFromArchive } from './nats-server/from-archive.mjs';
import { fetchFromHomebrew } from './nats-server/from-homebrew.mjs';
import { isAtLeast, parseVersion, versionOf } from './nats-server/version.mjs';

const CACHE = resolve('.cache/bin/nats-server');

/**
 * Looks in the cache and on PATH, then fetches one into the cache: from the archive that the user names, from Debian's or
 * Ubuntu's package manager, from Homebrew. Throws with what was tried and how to help oneself.
 * @param {Record<string, string | undefined>} env
 */
export async function ensureNatsServer(env) {
  const floorText = JSON.parse(await readFile('package.json', 'utf8')).config.natsServer;
  const floor = parseVersion(floorText);
  const present = await findPresent(floor, env.PATH ?? '');
  if (present.good) return;

  const accept = (binary) => moveIntoCache(binary, floor);
  const places = {
    NATS_SERVER_ARCHIVE: () => fetchFromArchive(env, accept),
    'the package manager apt': () => fetchFromApt(accept),
    Homebrew: () => fetchFromHomebrew(accept),
  };
  const reasons = present.reasons;
  for (const [place, fetchFrom] of Object.entries(places)) {
    const reason = await fetchFrom();
    if (reason === undefined) return;
    reasons.push(`${place}: ${reason}`);
  }
  throw new Error(explain(floorText, reasons));
}

async function findPresent(floor, path) {
  const onPath = path.split(delimiter).filter(Boolean);
  const candidates = [CACHE, ...onPath.map((folder) => join(folder, 'nats-server')).filter(existsSync)];
  const reasons = [];
  for (const candidate of candidates) {
    const version = await versionOf(candidate);
    if (version && isAtLeast(version, floor)) return { good: true, reasons };
    const state = existsSync(candidate) ? 'does not run here' : 'not there';
    reasons.push(`${candidate}: ${version ? `too old (${version.join('.')})` : state}`);
  }
  if (candidates.length === 1) reasons.push('PATH: none');
  return { good: false, reasons };
}

/** Puts it there in one step, so that a half-copied one is never run. */
async function moveIntoCache(binary, floor) {
  const version = await versionOf(binary);
  if (!version || !isAtLeast(version, floor)) return false;
  await mkdir(dirname(CACHE), { recursive: true });
  const draft = `${CACHE}.${process.pid}`;
  await copyFile(binary, draft);
  await chmod(draft, 0o755);
  await rename(draft, CACHE);
  return true;
}

function explain(floor, reasons) {
  return [
    `no nats-server of version ${floor} or newer is here, and none could be fetched. Tried:`,
    ...reasons.map((reason) => `  - ${reason}`),
    'To help yourself, do one of these:',
    `  - install nats-server ${floor} or newer, so that it is on PATH`,
    '  - set NATS_SERVER_ARCHIVE to the address or path of a release archive (.tar.gz) for this machine, and',
    '    NATS_SERVER_ARCHIVE_SHA256 to its SHA-256',
    '  - for `npm start` alone: set NATS_URL to servers of your own',
  ].join('\n');
}
