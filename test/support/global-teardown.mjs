import { rmSync } from 'node:fs';

/** Ends the Postgres of the run. The data of a failed run stays, to be looked into. */
export default async function stopPostgresOfTheRun() {
  const run = globalThis.millraceTestRun;
  if (!run) return;
  delete globalThis.millraceTestRun;
  await run.postgres.stop();
  if (run.failed) {
    process.stdout.write(`The run failed; the data and logs of its servers are kept in ${run.dataDir}\n`);
  } else {
    rmSync(run.dataDir, { recursive: true, force: true });
  }
}
