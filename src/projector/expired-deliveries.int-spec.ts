import pg from 'pg';
import { toInstant } from '#libs/kernel';
import type { Database } from '#libs/read-models';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../test/support/servers.ts';
import { parseConfig } from '../config/config.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { ExpiredDeliveries } from './expired-deliveries.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 28, 12);

describe('entries of the delivery ledger', () => {
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

  it('go when their time is over, however many they are, and no earlier', async () => {
    const insert = `
      insert into deliveries (id, webhook_id, workspace_id, outcome, status, reason, calls, created_at)
      select $1 || n, 'wh_1', 'ws_1', 'refused', 401, 'SIGNATURE_MISSING', 1, $2 from generate_series(1, $3::int) n`;
    await pool.query(insert, ['over_', toInstant(NOW_MS - 12 * HOUR_MS - 1), 1_234]);
    await pool.query(insert, ['kept_', toInstant(NOW_MS - 12 * HOUR_MS), 3]);
    const logger = createLogger({ level: 'silent', pretty: false });
    const config = parseConfig({ MILLRACE_DELIVERIES_KEPT: '12h' });
    const expired = new ExpiredDeliveries(database, config, { nowMs: () => NOW_MS }, logger);
    await expired.sweep();
    const rows = await database.query<{ id: string }>('select id from deliveries order by id');
    expect(rows.map(({ id }) => id)).toEqual(['kept_1', 'kept_2', 'kept_3']);
    await expired.beforeApplicationShutdown();
  });
});
