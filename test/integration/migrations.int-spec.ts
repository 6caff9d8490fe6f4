import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { migrations } from '../../migrations/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers.ts';

describe('migrations', () => {
  let postgres: TestDatabase;
  let client: pg.Client;
  let orm: MikroORM;
  beforeEach(async () => {
    postgres = await createTestDatabase();
    client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    orm = await MikroORM.init({
      clientUrl: postgres.url,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      migrations: { migrationsList: migrations, snapshot: false, silent: true },
      colors: false,
    });
  });
  afterEach(async () => {
    await orm.close();
    await client.end();
    await postgres[Symbol.asyncDispose]();
  });

  /** Columns and indexes of all tables, in words. */
  async function shape(): Promise<string[]> {
    const { rows } = await client.query<{ line: string }>(`
      select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as line
      from information_schema.columns where table_schema = 'public'
      union all select indexdef from pg_indexes where schemaname = 'public' order by 1`);
    return rows.map(({ line }) => line);
  }

  it('that change read models have them made again from the log', async () => {
    await orm.migrator.up({ to: 'm0002-read-models' });
    await client.query(`
      insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, version, record)
      values ('ex_1', 'ws_1', 'wf_1', 1, 'queued', 'trigger.manual', now(), 1, '{}')`);
    await client.query(`
      insert into workflows (id, workspace_id, name, active, created_at, revision, record)
      values ('wf_1', 'ws_1', 'One', false, now(), 2, '{}')`);
    await client.query(`
      insert into projection_checkpoints (stream, stream_created_at, sequence, digest)
      values ('EXECUTIONS_0', 'a', 7, 'x'), ('EXECUTIONS_1', 'a', 9, 'y'), ('WORKFLOWS', 'a', 5, 'z')`);
    await orm.migrator.up();
    const { rows } = await client.query('select stream, sequence, digest from projection_checkpoints order by stream');
    expect(rows).toEqual(
      ['EXECUTIONS_0', 'EXECUTIONS_1', 'WORKFLOWS'].map((stream) => ({ stream, sequence: '0', digest: '' })),
    );
    for (const table of ['executions', 'workflows'])
      expect((await client.query(`select from ${table}`)).rowCount).toBe(0);
  });

  it('can be taken back one by one, and done again', async () => {
    await orm.migrator.up();
    const whole = await shape();
    for (const { name } of migrations.toReversed()) expect(await orm.migrator.down()).toMatchObject([{ name }]);
    expect((await shape()).filter((line) => !line.includes('migrations'))).toEqual([]);
    await orm.migrator.up();
    expect(await shape()).toEqual(whole);
  });
});
