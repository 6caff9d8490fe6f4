import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { EmbeddedServerError } from './errors.ts';

const run = promisify(execFile);
const packageSchema = z.object({ config: z.object({ natsServer: z.string() }) });

/**
 * Path of a nats-server that is new enough (package.json says how new): the one that `npm run setup` put into the cache,
 * else one on PATH. Throws EmbeddedServerError with code NATS_SERVER_MISSING.
 */
export async function findNatsServer(): Promise<string> {
  const home = findPackageHome();
  const { config } = packageSchema.parse(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));
  for (const candidate of candidates(home)) {
    if (isAtLeast(await versionOf(candidate), config.natsServer)) return candidate;
  }
  throw new EmbeddedServerError(
    'NATS_SERVER_MISSING',
    `no nats-server of version ${config.natsServer} or newer in .cache/bin or on PATH. ` +
      'Run `npm run setup`, which gets one or says how to, or set NATS_URL to servers of your own.',
  );
}

function candidates(home: string): string[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [join(home, '.cache/bin'), ...onPath].map((folder) => join(folder, 'nats-server')).filter(existsSync);
}

async function versionOf(binary: string): Promise<string> {
  try {
    const { stdout } = await run(binary, ['--version'], { timeout: 10_000 });
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '0.0.0';
  } catch {
    return '0.0.0'; // not for this machine, or not a program
  }
}

function isAtLeast(version: string, floor: string): boolean {
  return version.localeCompare(floor, 'en', { numeric: true }) >= 0;
}

/** Sources and build lie at different depths below the package. */
function findPackageHome(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
