import pg from 'pg';
import { toInstant } from '#libs/kernel';
import type { Database } from '#libs/read-models';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../test/support/servers.ts';
import { parseConfig } from '../config/config.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { ExpiredLedgers } from './expired-ledgers.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 28, 12);

describe('what is old in a ledger', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
  });
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  const HOURS_AGO_12 = toInstant(NOW_MS - 12 * HOUR_MS);
  const BEFORE = toInstant(NOW_MS - 12 * HOUR_MS - 1);
  const sweep = async (env: Record<string, string>): Promise<void> => {
    const logger = createLogger({ level: 'silent', pretty: false });
    const expired = new ExpiredLedgers(database, parseConfig(env), { nowMs: () => NOW_MS }, logger);
    await expired.sweep();
    await expired.beforeApplicationShutdown();
  };

  it('of calls goes when its time is over, however much there is, and no earlier', async () => {
    const insert = `
      insert into deliveries (id, webhook_id, workspace_id, outcome, status, reason, calls, created_at)
      select $1 || n, 'wh_1', 'ws_1', 'refused', 401, 'SIGNATURE_MISSING', 1, $2 from generate_series(1, $3::int) n`;
    await pool.query(insert, ['over_', BEFORE, 1_234]);
    await pool.query(insert, ['kept_', HOURS_AGO_12, 3]);
    await sweep({ MILLRACE_DELIVERIES_KEPT: '12h' });
    const rows = await database.query<{ id: string }>('select id from deliveries order by id');
    expect(rows.map(({ id }) => id)).toEqual(['kept_1', 'kept_2', 'kept_3']);
  });

  it('of mails goes when nothing was told of them for their time, however many they are, and no earlier', async () => {
    const insert = `
      insert into mails (mail_key, workspace_id, execution_id, node_id, credential_id, address, address_key, domain,
        status, attempts, created_at, updated_at)
      select $1 || n, 'ws_1', 'ex_1', 'send', 'cr_1', 'ann@example.org', 'ann@example.org', 'example.org', 'sent', 1,
        $2, $3 from generate_series(1, $4::int) n`;
    await pool.query(insert, ['over_', BEFORE, BEFORE, 1_234]);
    await pool.query(insert, ['kept_', BEFORE, HOURS_AGO_12, 3]);
    await sweep({ MILLRACE_EMAILS_KEPT: '12h' });
    const rows = await database.query<{ mail_key: string }>('select mail_key from mails order by mail_key');
    expect(rows.map((row) => row.mail_key)).toEqual(['kept_1', 'kept_2', 'kept_3']);
  });
});
