import { setImmediate } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { createTestDatabase, type TestDatabase } from '../../../test/support/servers.ts';
import { createLogger } from '../logging/logger.ts';
import { TcpGate } from '../testing/tcp-gate.ts';
import { TestApp } from '../testing/test-app.ts';
import { isDatabaseAway } from './database-away.ts';

describe('a database that comes and goes', () => {
  let database: TestDatabase;
  let gate: TcpGate;
  let app: TestApp;
  let em: EntityManager;

  beforeAll(async () => {
    database = await createTestDatabase();
    const url = new URL(database.url);
    gate = await TcpGate.open({ host: url.hostname, port: Number(url.port) });
    url.port = String(gate.port);
    app = await TestApp.start({ databaseUrl: url.href });
    em = app.nest.get(EntityManager);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    // The pool notices when it notices that the connections of the test before are gone.
    while (
      await em
        .fork()
        .execute('select 1')
        .then(() => false, isDatabaseAway)
    )
      await setImmediate();
  });

  const logIn = () => app.call('POST', '/v1/auth/login', { body: { email: 'a@example.com', password: 'whatever!' } });

  it('is told as 503 while it is away, and used again when it is back, without a restart', async () => {
    expect(await logIn()).toMatchObject({ status: 401 });
    await gate.shut();
    try {
      expect(await logIn()).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1', 'content-type': 'application/problem+json; charset=utf-8' },
        body: { code: 'DATABASE_UNAVAILABLE' },
      });
      expect(await app.call('GET', '/health/ready')).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { status: 'unavailable', dependencies: { postgres: { status: 'down' } } },
      });
      expect(await app.call('GET', '/health/live')).toMatchObject({ status: 200 });
    } finally {
      await gate.open();
    }
    expect(await logIn()).toMatchObject({ status: 401 });
    expect(await app.call('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', dependencies: { postgres: { status: 'up' } } },
    });
  });

  it('costs no place in the pool when it dies in the middle of transactions', async () => {
    const lost: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const begun = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
      const ends = begun.map((step) =>
        em.transactional(async (inside) => {
          await inside.execute('select 1');
          step.resolve();
          await inside.execute('select pg_sleep(1)');
        }),
      );
      await Promise.all(begun.map((step) => step.promise));
      gate.cut();
      for (const end of await Promise.allSettled(ends)) lost.push(end.status === 'rejected' ? end.reason : 'not lost');
    }
    expect(lost).toHaveLength(30);
    expect(lost.every(isDatabaseAway)).toBe(true);
    // All ten at once: each waits until all have begun.
    const together = Promise.withResolvers<void>();
    let inside = 0;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        em.transactional(async (transaction) => {
          await transaction.execute('select 1');
          if (++inside === 10) together.resolve();
          await together.promise;
        }),
      ),
    );
  });

  it('is away when it ends a connection itself, and when none becomes free in time', async () => {
    const failure = async (work: () => Promise<unknown>): Promise<unknown> => {
      try {
        await work();
      } catch (error) {
        return error;
      }
      return 'no failure';
    };
    const kill = 'select pg_terminate_backend(pg_backend_pid())';
    expect(isDatabaseAway(await failure(() => em.fork().execute(kill)))).toBe(true);
    expect(isDatabaseAway(await failure(() => em.transactional((inside) => inside.execute(kill))))).toBe(true);
    const held = Promise.withResolvers<void>();
    const holders = Array.from({ length: 10 }, () => em.transactional(() => held.promise));
    try {
      expect(isDatabaseAway(await failure(() => em.transactional(() => Promise.resolve())))).toBe(true);
    } finally {
      held.resolve();
      await Promise.allSettled(holders);
    }
    expect(isDatabaseAway(await failure(() => em.fork().execute('select nonsense')))).toBe(false);
  });
});

describe('migrations', () => {
  it('are run by one of several processes that start at once; the others wait', async () => {
    const database = await createTestDatabase();
    try {
      const apps = await Promise.all([1, 2, 3].map(() => TestApp.start({ databaseUrl: database.url })));
      const migrated = apps.filter((app) => app.log.some((line) => line.includes('database migrated')));
      await Promise.all(apps.map((app) => app[Symbol.asyncDispose]()));
      expect(migrated).toHaveLength(1);
    } finally {
      await database[Symbol.asyncDispose]();
    }
  });

  it('wait for a Postgres that starts later than they do', async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    const gate = await TcpGate.open({ host: url.hostname, port: Number(url.port) });
    try {
      url.port = String(gate.port);
      await gate.shut();
      const refused = Promise.withResolvers<void>();
      const destination = { write: (line: string) => line.includes('Postgres is away') && refused.resolve() };
      const logger = createLogger({ level: 'warn', pretty: false, destination });
      const starting = TestApp.start({ databaseUrl: url.href, logger });
      await refused.promise;
      await gate.open();
      await (await starting)[Symbol.asyncDispose]();
    } finally {
      await gate[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    }
  });
});
