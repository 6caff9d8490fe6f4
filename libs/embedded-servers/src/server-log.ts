import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const ROTATE_AT_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 2000;

/**
 * A server writes its log into a file and not into a pipe of ours: it must survive our sudden death, and a pipe nobody
 * reads kills or stops it. Rotated once, at the start.
 */
export class ServerLog implements Disposable {
  readonly descriptor: number;
  readonly #from: number;

  constructor(readonly file: string) {
    if (sizeOf(file) > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
    this.#from = sizeOf(file);
    this.descriptor = openSync(file, 'a', 0o600);
  }

  /** The last lines written since this start. */
  tail(): string {
    const end = sizeOf(this.file);
    const begin = Math.max(this.#from, end - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, end - begin));
    const reader = openSync(this.file, 'r');
    try {
      return bytes.toString('utf8', 0, readSync(reader, bytes, 0, bytes.length, begin)).trim();
    } finally {
      closeSync(reader);
    }
  }

  /** Closes our end; the server keeps its own. */
  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
