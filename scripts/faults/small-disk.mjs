import { execFile } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE = 4 * 1024 ** 3;
const BLOCK = Buffer.alloc(4096);

/** A file system of its own, in a sparse file, so that it can be full while the machine's is not. Needs root and Linux. */
export class SmallDisk {
  #filling;

  constructor(path) {
    this.path = path;
    this.#filling = join(path, 'filling');
  }

  /** Throws when this machine or this user can't mount. */
  static async mount(dir) {
    const image = join(dir, 'nats-disk.img');
    const path = join(dir, 'nats-disk');
    mkdirSync(path);
    const file = openSync(image, 'w');
    ftruncateSync(file, SIZE);
    closeSync(file);
    // Nothing is kept back for root, which the servers run as.
    await run('mkfs.ext4', ['-q', '-m', '0', image]);
    await run('mount', ['-o', 'loop', image, path]);
    return new SmallDisk(path);
  }

  /** Takes all room that there is; most of it is reserved and not written, which takes no time. */
  async fill() {
    const { bfree, bsize } = statfsSync(this.path);
    await run('fallocate', ['--length', String(Math.floor(bfree * 0.98) * bsize), this.#filling]);
    const file = openSync(this.#filling, 'a');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free() {
    rmSync(this.#filling, { force: true });
  }

  async unmount() {
    await run('umount', [this.path]);
  }
}
