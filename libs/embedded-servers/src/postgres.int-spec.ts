import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { HolderProcess } from '../../../test/support/holder-process.ts';
import { guardSignature } from './parent-guard.ts';
import { findRunningPostgres, startPostgres } from './postgres.ts';
import { findProcesses, identityOf } from './process-table.ts';

describe('the embedded Postgres', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(process.env.MILLRACE_TEST_DATA_DIR!, 'postgres '));
    await chmod(dataDir, 0o755); // as root, Postgres runs as somebody else, who must be able to go in
  });

  it('serves an empty UTF-8 database and keeps its data through a stop in good order', async () => {
    const first = await startPostgres({ dataDir });
    expect(await query(first.url, 'select current_database() as name, getdatabaseencoding() as encoding')).toEqual([
      { name: 'millrace', encoding: 'UTF8' },
    ]);
    await query(first.url, `create table kept as select 'größer' as word`);
    await first.stop();
    await expect(first.exited).resolves.toMatchObject({ expected: true, code: 0 });

    await using second = await startPostgres({ dataDir });

    expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'größer' }]);
  });

  it('is found by its directory while it runs', async () => {
    expect(await findRunningPostgres(join(dataDir, 'none'))).toBeUndefined();
    expect(await findRunningPostgres(dataDir)).toBeUndefined();
    const server = await startPostgres({ dataDir });
    expect(await findRunningPostgres(dataDir)).toBe(server.url);
    await server.stop();
    expect(await findRunningPostgres(dataDir)).toBeUndefined();
  });

  it('recovers from kill -9 of its main process', async () => {
    const first = await startPostgres({ dataDir });
    await query(first.url, `create table kept as select 1 as n`);
    process.kill(first.pid, 'SIGKILL');
    await expect(first.exited).resolves.toMatchObject({ expected: false, signal: 'SIGKILL' });

    await using second = await startPostgres({ dataDir });

    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('refuses a port that is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      await expect(startPostgres({ dataDir, port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    } finally {
      other.close();
    }
  });

  it('lets nobody in without the password', async () => {
    await using server = await startPostgres({ dataDir });
    const url = new URL(server.url);
    url.password = 'guess';

    await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('shows the end of the log when a setting is bad', async () => {
    const bad = startPostgres({ dataDir, settings: { wal_level: 'everything' } });

    await expect(bad).rejects.toMatchObject({
      code: 'SERVER_DID_NOT_START',
      message: expect.stringContaining('wal_level') as string,
    });
  });

  describe('and the nats-server of an application that is killed', () => {
    it('end by themselves when only the application is killed', async () => {
      const app = await HolderProcess.start('servers', dataDir);
      const { nats, postgres } = app.report;

      await app.kill();

      await untilEnded(nats!.pid);
      await untilEnded(postgres!.pid);
    });

    it('leave no orphan and lose nothing when everything is killed at once', async () => {
      const app = await HolderProcess.start('servers', dataDir);
      const { nats, postgres } = app.report;
      await query(postgres!.url, 'create table kept as select 1 as n');
      const guards = guardsOf(nats!.pid, postgres!.pid);
      expect(guards).toHaveLength(2);
      for (const pid of [...guards, nats!.pid, postgres!.pid]) process.kill(pid, 'SIGKILL');
      await app.kill();

      await using again = await startPostgres({ dataDir: join(dataDir, 'postgres') });

      expect(await query(again.url, 'select n from kept')).toEqual([{ n: 1 }]);
    });

    it('are ended by the next start when they were left running', async () => {
      const app = await HolderProcess.start('servers', dataDir);
      const { nats, postgres } = app.report;
      const guards = guardsOf(nats!.pid, postgres!.pid);
      for (const pid of guards) process.kill(pid, 'SIGKILL');
      await app.kill();
      expect(identityOf(postgres!.pid)).toBeDefined();

      await using again = await startPostgres({ dataDir: join(dataDir, 'postgres') });

      expect(again.pid).not.toBe(postgres!.pid);
      expect(identityOf(postgres!.pid)).toBeUndefined();
      process.kill(nats!.pid, 'SIGTERM'); // its own next start is the nats-server spec's matter
      await untilEnded(nats!.pid);
    });
  });
});

function guardsOf(natsPid: number, postgresPid: number): number[] {
  return [guardSignature(natsPid, 'SIGTERM'), guardSignature(postgresPid, 'SIGINT')].flatMap(findProcesses);
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function untilEnded(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 500 && identityOf(pid) !== undefined; attempt++) await delay(20);
  expect(identityOf(pid)).toBeUndefined();
}
