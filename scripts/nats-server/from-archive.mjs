import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A release archive (.tar.gz) that the user names: NATS_SERVER_ARCHIVE is its address or path, and
 * NATS_SERVER_ARCHIVE_SHA256 what it must be. One that was asked for and is not right stops everything.
 * @param {{ NATS_SERVER_ARCHIVE?: string, NATS_SERVER_ARCHIVE_SHA256?: string }} env
 * @param {(binary: string) => Promise<boolean>} accept
 * @returns {Promise<string | undefined>} why not; undefined when its nats-server was accepted
 */
export async function fetchFromArchive(env, accept) {
  const { NATS_SERVER_ARCHIVE: place, NATS_SERVER_ARCHIVE_SHA256: wanted } = env;
  if (!place) return 'not set';
  if (!wanted)
    throw new Error('NATS_SERVER_ARCHIVE is set: set NATS_SERVER_ARCHIVE_SHA256 to the SHA-256 it must have');
  const archive = await read(place);
  const found = createHash('sha256').update(archive).digest('hex');
  if (found !== wanted.trim().toLowerCase()) {
    throw new Error(
      `${place} has the SHA-256 ${found}, and NATS_SERVER_ARCHIVE_SHA256 says ${wanted}: it was not used`,
    );
  }
  if (await acceptFrom(archive, accept)) return undefined;
  throw new Error(`${place} holds no nats-server that is new enough and runs on this machine`);
}

async function read(place) {
  if (!/^https?:/.test(place)) return readFile(place);
  const response = await fetch(place, { signal: AbortSignal.timeout(300_000) });
  if (!response.ok) throw new Error(`${place} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function acceptFrom(archive, accept) {
  const home = await mkdtemp(join(tmpdir(), 'millrace-archive-'));
  try {
    await writeFile(join(home, 'archive.tar.gz'), archive);
    await run('tar', ['xzf', 'archive.tar.gz'], { cwd: home });
    const files = await readdir(home, { recursive: true });
    const binary = files.find((file) => basename(file) === 'nats-server');
    return binary !== undefined && (await accept(join(home, binary)));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
