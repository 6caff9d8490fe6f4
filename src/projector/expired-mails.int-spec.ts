import pg from 'pg';
import { toInstant } from '#libs/kernel';
import type { Database } from '#libs/read-models';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../test/support/servers.ts';
import { parseConfig } from '../config/config.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { ExpiredMails } from './expired-mails.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 28, 12);

describe('mails that are listed', () => {
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

  it('go when nothing was told of them for their time, however many they are, and no earlier', async () => {
    const insert = `
      insert into mails (mail_key, workspace_id, execution_id, node_id, credential_id, address, address_key, domain,
        status, attempts, created_at, updated_at)
      select $1 || n, 'ws_1', 'ex_1', 'send', 'cr_1', 'ann@example.org', 'ann@example.org', 'example.org', 'sent', 1,
        $2, $3 from generate_series(1, $4::int) n`;
    const over = toInstant(NOW_MS - 12 * HOUR_MS - 1);
    await pool.query(insert, ['over_', over, over, 1_234]);
    await pool.query(insert, ['kept_', over, toInstant(NOW_MS - 12 * HOUR_MS), 3]);
    const logger = createLogger({ level: 'silent', pretty: false });
    const config = parseConfig({ MILLRACE_EMAILS_KEPT: '12h' });
    const expired = new ExpiredMails(database, config, { nowMs: () => NOW_MS }, logger);
    await expired.sweep();
    const rows = await database.query<{ mail_key: string }>('select mail_key from mails order by mail_key');
    expect(rows.map((row) => row.mail_key)).toEqual(['kept_1', 'kept_2', 'kept_3']);
    await expired.beforeApplicationShutdown();
  });
});
