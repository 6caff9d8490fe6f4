import { randomUUID } from 'node:crypto';
import { executionSucceeded, scheduled, started, succeeded } from '#libs/execution-engine/testing';
import { reconcileStream } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { findOpenRebuild, endRebuild, findRebuilds, orderRebuild, type RebuildOrder } from './rebuild-orders.ts';
import { ProjectionRebuilder } from './projection-rebuilder.ts';
import { ProjectedLog } from '../../../test/support/projected-log.ts';

describe('a projection that is rebuilt', () => {
  let log: ProjectedLog;
  let rebuildFailures: unknown[];

  beforeEach(async () => {
    log = await ProjectedLog.open();
    rebuildFailures = [];
  }, 60_000);
  afterEach(async () => {
    await log[Symbol.asyncDispose]();
  });

  const rebuilder = (url = log.databaseUrl, database = log.database): ProjectionRebuilder => {
    const made = new ProjectionRebuilder({
      connection: log.connection,
      database,
      url,
      target: {
        name: 'executions',
        streams: log.streams,
        createProjection: log.createProjection,
      },
      observer: {
        failed: (_, error) => void rebuildFailures.push(error),
        ended: () => {},
        applied: () => {},
        parked: () => {},
      },
    });
    made.wake();
    return made;
  };
  const order = async (compareOnly = false): Promise<string> => {
    const id = `rb_${randomUUID()}`;
    expect(await orderRebuild(log.database, { id, projection: 'executions', compareOnly, requestedBy: 'usr_1' })).toBe(
      true,
    );
    return id;
  };
  const last = async (): Promise<RebuildOrder | undefined> => (await findRebuilds(log.database)).last[0];
  const isOver = async (): Promise<boolean> => (await findOpenRebuild(log.database, 'executions')) === undefined;
  const run = async (id: string): Promise<void> => {
    await log.say(id, started({ id }));
    await log.say(id, scheduled('call'));
    await log.say(id, succeeded('call', { ok: true }), executionSucceeded('call'));
  };
  const runMany = async (prefix: string, total: number): Promise<void> => {
    for (let from = 0; from < total; from += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, total - from) }, (_, index) => run(`ex_${prefix}${from + index}`)),
      );
  };
  const hasSchema = async (): Promise<boolean> =>
    (await log.database.query(`select from pg_namespace where nspname = 'rebuild_executions'`)).length === 1;
  /** Columns, constraints and indexes of the public tables, in words. */
  const shape = async (): Promise<unknown[]> =>
    log.database.query(`
      select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as line
      from information_schema.columns where table_schema = 'public'
      union all select indexdef from pg_indexes where schemaname = 'public'
      union all select conrelid::regclass || ' ' || conname from pg_constraint where connamespace = 'public'::regnamespace
      union all select relname || coalesce(reloptions::text, '') from pg_class where relnamespace = 'public'::regnamespace
      order by 1`);

  it('takes over while executions are written, with nothing lost or doubled, and is the same as the live one', async () => {
    const before = await shape();
    await using _live = log.follow();
    await runMany('a', 300);
    await order();
    await using _rebuilder = rebuilder();
    for (let round = 0; !(await isOver()); round++) await runMany(`b${round}_`, 20);
    await runMany('c', 20);
    await until('live is level', () => log.isLevel());
    expect(await log.records()).toEqual(log.folds());
    expect(await last()).toMatchObject({ phase: 'done', checksum: { same: true }, error: null });
    expect((await last())?.rows).toBeGreaterThanOrEqual(300);
    expect(await shape()).toEqual(before);
    await until('nothing is left', async () => !(await hasSchema()));
    const generations = await log.database.query('select generation from projection_checkpoints');
    expect(generations).toEqual(log.streams.map(() => ({ generation: '1' })));
    expect([...log.failures, ...rebuildFailures]).toEqual([]);
  }, 60_000);

  it('puts right what was wrong in the live rows, and says where they differed', async () => {
    await using _live = log.follow();
    await runMany('a', 30);
    await until('live is level', () => log.isLevel());
    await log.database.query(`update executions set status = 'failed' where id = 'ex_a7'`);
    await log.database.query(`delete from executions where id = 'ex_a9'`);
    await order();
    await using _rebuilder = rebuilder();
    await until('it is over', isOver);
    expect((await last())?.checksum).toMatchObject({
      same: false,
      differing: ['executions ex_a7', 'executions ex_a9'],
    });
    expect(await log.records()).toEqual(log.folds());
    const [row] = await log.database.query(`select status from executions where id = 'ex_a7'`);
    expect(row).toEqual({ status: 'succeeded' });
  });

  it('only compares when no more is asked for', async () => {
    await using _live = log.follow();
    await runMany('a', 30);
    await until('live is level', () => log.isLevel());
    await log.database.query(`update executions set status = 'failed' where id = 'ex_a7'`);
    await order(true);
    await using _rebuilder = rebuilder();
    await until('it is over', isOver);
    await until('nothing is left', async () => !(await hasSchema()));
    expect(await last()).toMatchObject({ compareOnly: true, rows: 30, checksum: { same: false } });
    const [row] = await log.database.query(`select status from executions where id = 'ex_a7'`);
    expect(row).toEqual({ status: 'failed' });
  });

  it('is one at a time', async () => {
    const id = await order();
    const another = { id: 'rb_another', projection: 'executions', compareOnly: false, requestedBy: 'usr_1' } as const;
    expect(await orderRebuild(log.database, another)).toBe(false);
    expect(await orderRebuild(log.database, { ...another, id })).toBe(true);
  });

  it('is done by one of two projectors, and by the other when that one ends', async () => {
    await using _live = log.follow();
    await runMany('a', 200);
    await order();
    const one = rebuilder();
    await using _two = rebuilder();
    await until('one is at it', hasSchema);
    await one[Symbol.asyncDispose]();
    await until('it is over', isOver);
    await until('live is level', () => log.isLevel());
    expect(await log.records()).toEqual(log.folds());
    expect(await last()).toMatchObject({ phase: 'done', checksum: { same: true } });
  });

  it('leaves nothing when it is cancelled, whether or not anybody is at it', async () => {
    await using _live = log.follow();
    await runMany('a', 300);
    const id = await order();
    const first = rebuilder();
    await until('it is at it', hasSchema);
    expect(await endRebuild(log.database, id, { phase: 'cancelled' })).toBe(true);
    await first[Symbol.asyncDispose]();
    await using second = rebuilder();
    await until('nothing is left', async () => !(await hasSchema()));
    await order();
    second.wake();
    await until('it is at it', hasSchema);
    const open = await findOpenRebuild(log.database, 'executions');
    await endRebuild(log.database, open?.id ?? '', { phase: 'cancelled' });
    second.wake();
    await until('nothing is left', async () => !(await hasSchema()));
    expect(await log.database.query('select generation from projection_checkpoints')).toEqual(
      log.streams.map(() => ({ generation: '0' })),
    );
    expect(await last()).toMatchObject({ phase: 'cancelled' });
  });

  it('follows the log that is there when the live one was made of another', async () => {
    await using _live = log.follow();
    await runMany('a', 20);
    await until('live is level', () => log.isLevel());
    for (const stream of log.layout.streams) {
      await log.manager.streams.delete(stream.name);
      await reconcileStream(log.manager, stream);
    }
    log.commits.clear();
    await runMany('b', 10);
    await until('live stopped', () => log.failures.length > 0);
    await order();
    await using _rebuilder = rebuilder();
    await until('it is over', isOver);
    await until('live goes on', () => log.isLevel());
    expect(await log.records()).toEqual(log.folds());
    expect((await last())?.checksum).toMatchObject({
      same: null,
      reason: expect.stringMatching(/was replaced/) as string,
    });
    await runMany('c', 10);
    await until('live goes on', () => log.isLevel());
    expect(await log.records()).toEqual(log.folds());
  });

  it('takes up again what was parked, and parks what still can not be taken', async () => {
    await using _live = log.follow();
    await runMany('a', 5);
    await log.sayRaw('ex_bad', 'not a commit');
    await until('live is level', () => log.isLevel());
    await log.database.query(
      `insert into parked_events (projection, stream, sequence, aggregate_id, reason)
       values ('executions', $1, 1, 'ex_a1', 'an earlier version could not')`,
      [log.streams[0]],
    );
    await order();
    await using _rebuilder = rebuilder();
    await until('it is over', isOver);
    expect(await log.database.query('select aggregate_id from parked_events')).toEqual([{ aggregate_id: 'ex_bad' }]);
  });
});
