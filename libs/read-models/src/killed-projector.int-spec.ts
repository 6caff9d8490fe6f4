import { randomUUID } from 'node:crypto';
import { executionSucceeded, scheduled, started, succeeded } from '#libs/execution-engine/testing';
import { until } from '#libs/jetstream/testing';
import { openDatabase, ProjectedLog } from '../../../test/support/projected-log.ts';
import { StatementCutter, type Cut } from '../../../test/support/statement-cutter.ts';
import type { Database } from './database.ts';
import { ProjectionRebuilder } from './projection-rebuilder.ts';
import { findOpenRebuild, findRebuilds, orderRebuild } from './rebuild-orders.ts';

/** What is never reached, so that a loop over statements ends. */
const MOST_STATEMENTS = 200;

describe.each(['sent', 'answered'] as const)('a projector that is killed before a statement is %s', (before) => {
  let log: ProjectedLog;
  let count = 0;

  beforeAll(async () => {
    log = await ProjectedLog.open(1);
  }, 60_000);
  afterAll(async () => {
    await log[Symbol.asyncDispose]();
  });

  /** Some that are over, and one that is not. */
  const runSome = async (): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      const id = `ex_${count++}`;
      await log.say(id, started({ id }));
      await log.say(id, scheduled('call'));
      if (n > 0) await log.say(id, succeeded('call', { ok: true }), executionSucceeded('call'));
    }
  };
  const expectWhole = async (): Promise<void> => {
    await until('live is level', () => log.isLevel());
    expect(await log.records()).toEqual(log.folds());
    expect(log.parked).toEqual([]);
  };
  /** Does `work` through a connection that is cut at each of its statements in turn, until it needs no more of them. */
  const atEachStatement = async (work: (cutter: StatementCutter) => Promise<void>): Promise<number> => {
    for (let statement = 1; statement < MOST_STATEMENTS; statement++) {
      const cut: Cut = { statement, before };
      await using cutter = await StatementCutter.start(log.databaseUrl, cut);
      await work(cutter);
      if (!cutter.isCut) return statement - 1;
    }
    throw new Error(`there is no end of statements`);
  };

  it('leaves rows that the next one makes whole, wherever that was', async () => {
    const statements = await atEachStatement(async (cutter) => {
      await runSome();
      {
        await using database = openDatabase(cutter.url);
        await using _killed = log.follow(database);
        await until('it is killed, or level', async () => cutter.isCut || (await log.isLevel()));
      }
      await using _next = log.follow();
      await expectWhole();
    });
    expect(statements).toBeGreaterThan(5);
  }, 120_000);

  const rebuilder = (url: string, database: Database): ProjectionRebuilder => {
    const { connection, streams } = log;
    const target = { name: 'executions', streams, createProjection: log.createProjection } as const;
    const observer = { failed: () => {}, ended: () => {}, applied: () => {}, parked: () => {} };
    const made = new ProjectionRebuilder({ connection, database, url, target, observer });
    made.wake();
    return made;
  };
  const isOver = async (): Promise<boolean> => (await findOpenRebuild(log.database, 'executions')) === undefined;

  it('leaves a rebuild that the next one ends, wherever that was', async () => {
    await using _live = log.follow();
    const statements = await atEachStatement(async (cutter) => {
      await runSome();
      const id = `rb_${randomUUID()}`;
      await orderRebuild(log.database, { id, projection: 'executions', compareOnly: false, requestedBy: 'usr_1' });
      {
        await using database = openDatabase(cutter.url);
        await using _killed = rebuilder(cutter.url, database);
        await until('it is killed, or has ended', async () => cutter.isCut || (await isOver()));
      }
      await runSome();
      await using _next = rebuilder(log.databaseUrl, log.database);
      await until('it is over', isOver);
      await expectWhole();
      const [last] = (await findRebuilds(log.database)).last;
      expect(last).toMatchObject({ id, phase: 'done', checksum: { same: true } });
    });
    expect(statements).toBeGreaterThan(40);
  }, 300_000);
});
