import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { listExecutions, type ExecutionQuery, type ExecutionRecord } from '#libs/read-models';
import { migrations } from '../../migrations/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers.ts';

const TOTAL = 2_500; // more than is filled at once

describe('executions that were there before they could be searched', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let orm: MikroORM;

  beforeAll(async () => {
    postgres = await createTestDatabase();
    pool = new pg.Pool({ connectionString: postgres.url });
    orm = await MikroORM.init({
      clientUrl: postgres.url,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      migrations: { migrationsList: migrations, snapshot: false, silent: true },
      colors: false,
    });
    await orm.migrator.up({ to: 'm0002-read-models' });
    for (let number = 0; number < TOTAL; number++) await insertAsBefore(recordNumber(number));
    await orm.migrator.up();
  }, 60_000);
  afterAll(async () => {
    await orm.close();
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  const insertAsBefore = async (record: ExecutionRecord): Promise<void> => {
    const { id, workspaceId, workflowId, status, trigger, createdAt } = record;
    await pool.query(
      `insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, version, record)
       values ($1, $2, $3, 1, $4, $5, $6, 1, $7)`,
      [id, workspaceId, workflowId, status, trigger.type, createdAt, JSON.stringify(record)],
    );
  };
  const list = async (query: Partial<ExecutionQuery>): Promise<string[]> => {
    const database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
    return (await listExecutions(database, { workspaceId: 'ws_1', limit: TOTAL, ...query })).map(({ id }) => id);
  };

  it('are found by their words and nodes', async () => {
    expect(await list({ q: 'A-1' })).toEqual([idNumber(1)]);
    expect(await list({ q: `A-${TOTAL - 1}` })).toEqual([idNumber(TOTAL - 1)]);
    expect(await list({ q: 'odd' })).toHaveLength(TOTAL / 2);
    expect(await list({ workspaceId: 'ws_0', q: 'odd' })).toEqual([]);
    expect(await list({ nodeId: 'start', q: 'A-1201' })).toEqual([idNumber(1201)]);
    expect(await list({ nodeId: 'other' })).toEqual([]);
  });

  it('are listed as before', async () => {
    const all = await list({});
    expect(all).toHaveLength(TOTAL / 2);
    expect(all).toEqual(all.toSorted().reverse());
  });

  it('go back to what they were', async () => {
    await orm.migrator.down({ to: 'm0002-read-models' });
    const { rows } = await pool.query(
      `select column_name from information_schema.columns where table_name = 'executions'`,
    );
    expect(rows.map((row: { column_name: string }) => row.column_name)).not.toContain('terms');
    await orm.migrator.up();
    expect(await list({ q: 'A-3' })).toEqual([idNumber(3)]);
  });
});

function idNumber(number: number): string {
  return `ex_${String(number).padStart(8, '0')}`;
}

function recordNumber(number: number): ExecutionRecord {
  return {
    id: idNumber(number),
    workspaceId: `ws_${number % 2}`,
    workflowId: 'wf_1',
    workflowVersion: 1,
    status: 'succeeded',
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: { body: { orderId: `A-${number}`, note: number % 2 ? 'odd \u0000 \ud83d' : 'even' } } },
    nodes: { start: { status: 'succeeded', attempts: 1 } },
    createdAt: new Date(Date.UTC(2026, 10, 1) + 1000 * number).toISOString(),
    version: 1,
  };
}
