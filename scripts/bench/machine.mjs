import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findParts, programOf } from './processes.mjs';

const FILE_SYSTEMS = {
  0xef53: 'ext4',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlay',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
};
const SYNCS = 100;

/** What the figures depend on. `fsyncMs`: the median time of an fsync of 4 KiB where the data is; it bounds `always`. */
export function describeMachine(dataDir) {
  const type = statfsSync(dataDir).type;
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    kernel: release(),
    fileSystem: FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`,
    fsyncMs: medianSyncMs(dataDir),
  };
}

/** @param {number} appPid the app, running */
export function describeVersions(appPid) {
  const { nats, postgres } = findParts(appPid);
  return {
    node: process.version,
    natsServer: versionOf(nats[0]),
    postgres: versionOf(postgres[0]),
    millrace: describeCommit(),
  };
}

function medianSyncMs(dataDir) {
  const file = join(dataDir, 'fsync-probe');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096);
  const times = Array.from({ length: SYNCS }, () => {
    const startedAt = performance.now();
    writeSync(descriptor, block);
    fsyncSync(descriptor);
    return performance.now() - startedAt;
  });
  closeSync(descriptor);
  rmSync(file);
  return Math.round(times.sort((a, b) => a - b)[SYNCS / 2] * 1000) / 1000;
}

function versionOf(pid) {
  return tryRun(programOf(pid), ['--version'])?.match(/\d+\.\d+(\.\d+)?/)?.[0] ?? 'unknown';
}

function describeCommit() {
  const commit = tryRun('git', ['rev-parse', '--short', 'HEAD']);
  if (!commit) return JSON.parse(readFileSync('package.json', 'utf8')).version;
  const isDirty = tryRun('git', ['status', '--porcelain', '--untracked-files=no']) !== '';
  return isDirty ? `${commit} with local changes` : commit;
}

function tryRun(command, args) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    }).trim();
  } catch {
    return undefined;
  }
}
