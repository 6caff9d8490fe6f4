import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeDataDir } from './data-dir.ts';

const SCRIPT = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href;

/** The clock of processes that are started with its `env`, to be set while they run. */
export class ShiftedClock {
  private constructor(private readonly file: string) {}

  static async create(): Promise<ShiftedClock> {
    const { path } = await makeDataDir();
    const clock = new ShiftedClock(join(path, 'shift'));
    clock.shift(0);
    return clock;
  }

  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${SCRIPT}`, CLOCK_SHIFT_FILE: this.file };
  }

  /** By how much it is ahead of the clock of everybody else from now on; negative: behind. */
  shift(ms: number): void {
    // Renamed, so that nobody reads half of it.
    writeFileSync(`${this.file}.next`, String(ms));
    renameSync(`${this.file}.next`, this.file);
  }
}
