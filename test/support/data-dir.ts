import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test file's servers. It goes with the file, or, below the run's own, with the run. */
export interface DataDir extends AsyncDisposable {
  readonly path: string;
}

/** Below the directory of the run, so that what a failed run stored is kept for whoever looks into it. */
export async function makeDataDir(): Promise<DataDir> {
  const path = await mkdtemp(join(process.env['MILLRACE_TEST_DATA_DIR'] ?? tmpdir(), 'data-'));
  // As root, Postgres runs as somebody else, and what that somebody may not enter is kept outside for good.
  await chmod(path, 0o755);
  const kept = process.env['MILLRACE_TEST_DATA_DIR'] !== undefined;
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      if (!kept) await rm(path, { recursive: true, force: true });
    },
  };
}
