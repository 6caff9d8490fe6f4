import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The first `v1.2.3` in a text, as [1, 2, 3].
 * @param {string} text
 * @returns {number[] | undefined}
 */
export function parseVersion(text) {
  const match = /v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? match.slice(1).map(Number) : undefined;
}

/**
 * Whether one version is at least another, number by number.
 * @param {readonly number[]} version
 * @param {readonly number[]} floor
 */
export function isAtLeast(version, floor) {
  const place = floor.findIndex((number, index) => number !== version[index]);
  return place === -1 || (version[place] ?? 0) > (floor[place] ?? 0);
}

/**
 * What a nats-server says its version is; undefined when it is not there or does not run here.
 * @param {string} binary
 * @returns {Promise<number[] | undefined>}
 */
export async function versionOf(binary) {
  try {
    const { stdout } = await run(binary, ['--version'], { timeout: 10_000 });
    return parseVersion(stdout);
  } catch {
    return undefined;
  }
}
