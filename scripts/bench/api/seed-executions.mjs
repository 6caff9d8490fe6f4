import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { applyExecutions } from '../../../dist/libs/read-models/src/execution-table.js';
import { ShelfKeeper } from '../../../dist/libs/read-models/src/shelves.js';
import { sampleExecutions } from './sample-executions.mjs';

const BATCH = 500;
const STREAM = 'BENCH';
const TELL_EVERY = 100_000;

/** The Postgres that an app started for itself, with its own password. */
export function databaseUrlOf(app) {
  const dir = join(app.dir, 'data', 'postgres');
  const password = readFileSync(join(dir, 'password'), 'utf8').trim();
  const port = readFileSync(join(dir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://millrace:${password}@127.0.0.1:${port}/millrace`;
}

/**
 * Writes executions as the projector does, with its own statement, as if a stream of their own had told of them.
 * @param {{databaseUrl: string, total: number, workspaces: {id: string, workflowIds: string[]}[], signal: AbortSignal,
 *   tell: (text: string) => void}} options
 */
export async function seedExecutions({ databaseUrl, total, workspaces, endMs = Date.now(), signal, tell }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const database = { query: async (sql, parameters) => (await client.query(sql, parameters)).rows };
  try {
    await client.query(
      `insert into projection_checkpoints (stream, stream_created_at, sequence, digest) values ($1, '', 0, '')`,
      [STREAM],
    );
    await writeAll(database, sampleExecutions({ total, endMs, workspaces }), { signal, tell });
    await client.query('delete from projection_checkpoints where stream = $1', [STREAM]);
    tell('vacuum and analyze');
    await client.query('vacuum analyze executions');
  } finally {
    await client.end();
  }
}

async function writeAll(database, records, { signal, tell }) {
  const keeper = new ShelfKeeper();
  let written = 0;
  let writing;
  for (let batch = take(records); batch.length > 0; batch = take(records)) {
    await writing; // the next batch is made while Postgres writes the last
    signal.throwIfAborted();
    const from = { stream: STREAM, createdAt: '', sequence: written, digest: '', generation: 0 };
    written += batch.length;
    const rows = batch.map((record) => ({ id: record.id, shelf: keeper.put(STREAM, record), record }));
    writing = applyExecutions(
      database,
      { rows, shelves: keeper.takeGrowth() },
      { from, to: { sequence: written, digest: '' } },
    );
    if (written % TELL_EVERY === 0) tell(`${written} executions written`);
  }
  await writing;
}

function take(records) {
  const batch = [];
  for (let next = records.next(); !next.done; next = records.next()) {
    batch.push(next.value);
    if (batch.length === BATCH) break;
  }
  return batch;
}
