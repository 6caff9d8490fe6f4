import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { AuditLog, createAuditSigner, type AuditEntry, type AuditEvent } from '#libs/audit-log';
import { LogUnavailableError } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { JetStreamConnection } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import type { Database } from '#libs/read-models';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../test/support/servers.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { HistoryAnchorer } from './history-anchorer.ts';

/** Can be away. */
class Store extends InMemoryEventStore<AuditEvent> {
  isAway = false;
  override append(...parameters: Parameters<InMemoryEventStore<AuditEvent>['append']>): Promise<number> {
    return this.isAway ? Promise.reject(new LogUnavailableError('away')) : super.append(...parameters);
  }
}

describe('the anchorer of histories', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let nats: TestNats;
  let connection: JetStreamConnection;
  let store: Store;
  let audit: AuditLog;
  const log: string[] = [];
  const signer = createAuditSigner(createSecretKey(randomBytes(32)));

  beforeAll(async () => {
    [postgres, nats] = await Promise.all([createMigratedDatabase(), startTestNats()]);
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'anchorer spec' });
  });
  beforeEach(async () => {
    store = new Store();
    audit = new AuditLog({ store, signer, keys: [signer.key], clock: { nowMs: Date.now }, newCommitId: randomUUID });
    log.length = 0;
    await pool.query('truncate unanchored_histories');
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await pool.end();
    await Promise.all([postgres[Symbol.asyncDispose](), nats[Symbol.asyncDispose]()]);
  });

  const start = (query: Database['query'] = plain): HistoryAnchorer => {
    const destination = { write: (line: string): void => void log.push(line) };
    const logger = createLogger({ level: 'warn', pretty: false, destination });
    const anchorer = new HistoryAnchorer(audit, connection, logger, { query });
    anchorer.onApplicationBootstrap();
    return anchorer;
  };
  const plain: Database['query'] = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
    (await pool.query(sql, [...parameters])).rows as Row[];
  const ended = (workspaceId: string, from: number, count: number) =>
    pool.query('insert into unanchored_histories (histories) values ($1)', [
      JSON.stringify(
        Array.from({ length: count }, (_, at) => ({
          workspaceId,
          executionId: `ex_${from + at}`,
          events: 3,
          digest: 'd',
        })),
      ),
    ]);
  const emptied = () =>
    until('no row is left', async () => {
      const { rows } = await pool.query('select from unanchored_histories');
      return rows.length === 0;
    });
  const anchored = async (workspaceId: string): Promise<AuditEntry[]> => {
    const entries: AuditEntry[] = [];
    for await (const entry of audit.entries(workspaceId, Infinity)) entries.push(entry);
    return entries;
  };
  const idsIn = (entries: readonly AuditEntry[]): string[] =>
    entries.flatMap((entry) =>
      entry.kind === 'anchored' ? entry.histories.map(({ executionId }) => executionId) : [],
    );

  it('writes what ended while nobody was there, by workspace, at most 500 an entry', async () => {
    await ended('ws_1', 0, 700);
    await ended('ws_2', 700, 1);
    await ended('ws_1', 701, 1);
    const anchorer = start();
    await emptied();
    const entries = await anchored('ws_1');
    expect(entries.map((entry) => entry.kind === 'anchored' && entry.histories.length)).toEqual([500, 201]);
    expect(idsIn(await anchored('ws_2'))).toEqual(['ex_700']);
    await ended('ws_2', 900, 1);
    anchorer.wake();
    await emptied();
    expect(idsIn(await anchored('ws_2'))).toEqual(['ex_700', 'ex_900']);
    await anchorer.beforeApplicationShutdown();
  });

  it('goes on when the log is back, and loses nothing', async () => {
    store.isAway = true;
    await ended('ws_1', 0, 2);
    const anchorer = start();
    await until('it was told', () => log.length > 0);
    store.isAway = false;
    anchorer.wake();
    await emptied();
    expect(idsIn(await anchored('ws_1'))).toEqual(['ex_0', 'ex_1']);
    await anchorer.beforeApplicationShutdown();
  });

  it('writes again what it could not forget', async () => {
    await ended('ws_1', 0, 1);
    const anchorer = start((sql, parameters) =>
      sql.startsWith('delete') ? Promise.reject(new Error('Postgres is gone')) : plain(sql, parameters),
    );
    await until('it was told', () => log.length > 0);
    await anchorer.beforeApplicationShutdown();
    const next = start();
    await emptied();
    expect(idsIn(await anchored('ws_1'))).toEqual(['ex_0', 'ex_0']);
    await next.beforeApplicationShutdown();
  });
});
