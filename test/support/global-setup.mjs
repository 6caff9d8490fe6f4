import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const embeddedServers = new URL('../../dist/libs/embedded-servers/src/index.js', import.meta.url);

/**
 * One Postgres for the whole run, as starting one takes most of a second; each test file has a database of its own in it
 * (see servers.ts). What it holds is thrown away, so it need not survive a power cut.
 */
export default async function startPostgresForTheRun() {
  if (globalThis.millraceTestRun) return; // two projects in one run share it
  if (!existsSync(embeddedServers)) throw new Error('the build is missing: run `npm run setup` first');
  const { startPostgres } = await import(embeddedServers);

  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  chmodSync(dataDir, 0o755); // as root, Postgres runs as somebody else, who must be able to go in
  const postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 },
  });
  globalThis.millraceTestRun = { postgres, dataDir, failed: false };
  process.env.MILLRACE_TEST_POSTGRES_URL = postgres.url;
  process.env.MILLRACE_TEST_DATA_DIR = dataDir;
}
