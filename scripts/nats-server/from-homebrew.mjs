import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @param {(binary: string) => Promise<boolean>} accept
 * @returns {Promise<string | undefined>} why not; undefined when its nats-server was accepted
 */
export async function fetchFromHomebrew(accept) {
  let prefix;
  try {
    prefix = (await run('brew', ['--prefix'])).stdout.trim();
  } catch {
    return 'there is no brew here';
  }
  try {
    await run('brew', ['install', 'nats-server'], { timeout: 600_000 });
  } catch (error) {
    return (error.stderr?.trim() || error.message).split('\n').at(-1);
  }
  return (await accept(join(prefix, 'bin/nats-server'))) ? undefined : 'its nats-server is too old';
}
