import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../../test/support/servers.ts';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { checkpointMove, digestOf, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { LogRolledBackError } from './same-log.ts';
import { StreamProjector, type ProjectorObserver } from './stream-projector.ts';

/** One row a message, with nothing that would hide a second one: what is applied twice is there twice. */
class Noting implements BatchProjection {
  readonly name = 'deadLetters';
  readonly sizes: number[] = [];
  poison: string | undefined;
  resets = 0;

  constructor(private readonly database: Database) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const texts = batch.map(({ data }) => Buffer.from(data).toString());
    if (this.poison !== undefined && texts.includes(this.poison)) throw new Error(`can not read ${this.poison}`);
    const applied = await this.database.query(
      `with ${MOVE_CHECKPOINT}, written as (
         insert into noted select n, t from unnest($5::bigint[], $6::text[]) as row(n, t) where exists (select from moved)
       ) select stream from moved`,
      [...checkpointMove(move), batch.map(({ sequence }) => sequence), texts],
    );
    if (applied.length === 1) this.sizes.push(batch.length);
    return applied.length === 1;
  }

  aggregateOf(): undefined {
    // Each message stands for itself.
  }

  reset(): void {
    this.resets++;
  }
}

/** A pool whose connections may die, as a database for the read models. */
function openDatabase(url: string): Database & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined); // of an idle connection: the next query tells
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await pool.query(sql, [...parameters])).rows as Row[],
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

describe('StreamProjector', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let postgres: TestDatabase;
  let database: ReturnType<typeof openDatabase>;
  let stream: string;
  let failures: unknown[];
  let count = 0;
  let observer: ProjectorObserver;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'projector spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    postgres = await createMigratedDatabase();
    database = openDatabase(postgres.url);
    await database.query('create table noted (sequence bigint, text text)');
  });
  beforeEach(async () => {
    stream = `LOG${count++}`;
    failures = [];
    observer = { applied: () => {}, failed: (_stream, error) => void failures.push(error), parked: () => {} };
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
    await database.query('truncate noted');
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const publish = async (from: number, to: number): Promise<void> => {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    await Promise.all(numbers.map((number) => publisher.publish(`${stream}.n`, String(number))));
  };
  const start = (projection = new Noting(database), by = connection, on: Database = database): StreamProjector => {
    const projector = new StreamProjector({ connection: by, database: on, stream, projection, observer });
    projector.start();
    return projector;
  };
  const noted = async (): Promise<string[]> =>
    (await database.query<{ text: string }>('select text from noted order by sequence, text')).map(({ text }) => text);
  const isNoted = (total: number) => async (): Promise<boolean> => {
    const [row] = await database.query<{ count: string }>('select count(*) from noted');
    return Number(row?.count) >= total;
  };
  const numbers = (total: number): string[] => Array.from({ length: total }, (_, index) => String(index));
  const checkpoint = async () => {
    const [row] = await database.query<{ sequence: string; digest: string }>(
      'select sequence, digest from projection_checkpoints where stream = $1',
      [stream],
    );
    return row;
  };
  const setCheckpoint = async (column: string, value: unknown): Promise<void> => {
    await database.query(`update projection_checkpoints set ${column} = $1 where stream = $2`, [value, stream]);
  };

  it('applies each message once and in order, in batches of at most 500', async () => {
    await publish(0, 1500);
    await publish(1500, 2300);
    const projection = new Noting(database);
    await using _projector = start(projection);
    await until('all is applied', isNoted(2300));
    await publish(2300, 2303);
    await until('the last are applied', isNoted(2303));
    expect(await noted()).toEqual(numbers(2303));
    expect(Math.max(...projection.sizes)).toBe(500);
    expect((await checkpoint())?.sequence).toBe('2303');
    expect(failures).toEqual([]);
  });

  it('tells how far it is, and how much there is still', async () => {
    await publish(0, 1200);
    const told: number[][] = [];
    observer = { ...observer, applied: (_stream, { size, sequence, pending }) => told.push([size, sequence, pending]) };
    await using _projector = start();
    await until('it told of all', () => told.at(-1)?.[1] === 1200);
    expect(told.reduce((sum, [size = 0]) => sum + size, 0)).toBe(1200);
    for (const [, sequence = 0, pending = 0] of told) expect(sequence + pending).toBe(1200);
  });

  it('applies what comes one by one within a moment', async () => {
    await using _projector = start();
    for (let n = 0; n < 5; n++) {
      await publish(n, n + 1);
      await until('it is applied', isNoted(n + 1), 1000);
    }
  });

  it('goes on from the checkpoint when it is started again', async () => {
    const first = start();
    await publish(0, 700);
    await until('some is applied', isNoted(1));
    await first[Symbol.asyncDispose]();
    const applied = (await noted()).length;
    await publish(700, 900);
    await using _second = start();
    await until('all is applied', isNoted(900));
    expect(applied).toBeGreaterThan(0);
    expect(await noted()).toEqual(numbers(900));
  });

  it('applies each message once though two are at it', async () => {
    await using other = await JetStreamConnection.open({ servers: [nats.url], name: 'another projector' });
    const [one, two] = [new Noting(database), new Noting(database)];
    await using _one = start(one);
    await using _two = start(two, other);
    for (let from = 0; from < 3000; from += 100) await publish(from, from + 100);
    await until('all is applied', isNoted(3000));
    expect(await noted()).toEqual(numbers(3000));
    expect((await checkpoint())?.sequence).toBe('3000');
    expect(failures).toEqual([]);
  });

  it('lets another one take over', async () => {
    const first = start();
    await using _second = start();
    await publish(0, 10);
    await until('it is applied', isNoted(10));
    await first[Symbol.asyncDispose]();
    await publish(10, 20);
    await until('the other goes on', isNoted(20));
    expect(await noted()).toEqual(numbers(20));
  });

  it('catches up when Postgres was away, and says so meanwhile', async () => {
    const target = new URL(postgres.url);
    await using proxy = await TcpProxy.start(Number(target.port));
    target.port = String(proxy.port);
    await using far = openDatabase(target.href);
    await using _projector = start(new Noting(far), connection, far);
    await publish(0, 300);
    await until('it is applied', isNoted(300));
    proxy.cut({ refusing: true });
    await publish(300, 1500);
    await until('it told twice', () => failures.length >= 2);
    proxy.admit();
    await until('all is applied', isNoted(1500));
    expect(await noted()).toEqual(numbers(1500));
  });

  it('does not apply again what Postgres applied without being able to say so', async () => {
    const target = new URL(postgres.url);
    await using proxy = await TcpProxy.start(Number(target.port));
    target.port = String(proxy.port);
    await using far = openDatabase(target.href);
    await using _projector = start(new Noting(far), connection, far);
    await publish(0, 1);
    await until('it is applied', isNoted(1));
    proxy.hold();
    await publish(1, 2);
    await until('the second is applied', isNoted(2));
    proxy.cut();
    await publish(2, 3);
    await until('the third is applied', isNoted(3));
    expect(await noted()).toEqual(numbers(3));
  });

  it('goes on when NATS is killed and started', async () => {
    await using _projector = start();
    await publish(0, 1000);
    await until('some is applied', isNoted(1));
    await nats.kill();
    await until('the loss is known', () => !connection.connected);
    await nats.start();
    expect(await connection.backWithin(10_000)).toBe(true);
    await publish(1000, 1100);
    await until('all is applied', isNoted(1100));
    expect(await noted()).toEqual(numbers(1100));
    expect(failures.length).toBeLessThan(3);
  });

  it('applies what was on its way when the connection was cut, also when nothing comes after it', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind' });
    await using _projector = start(new Noting(database), behind);
    await publish(0, 1);
    await until('the first is applied', isNoted(1));
    proxy.hold();
    await publish(1, 3);
    const delivered = async (): Promise<number> => {
      for await (const { delivered } of manager.consumers.list(stream)) return delivered.consumer_seq;
      return 0;
    };
    await until('they are on their way', async () => (await delivered()) === 3);
    proxy.cut();
    await until('they are applied', isNoted(3));
    expect(await noted()).toEqual(numbers(3));
  });

  it('goes on when its consumer is deleted under it', async () => {
    await using _projector = start();
    await publish(0, 1);
    await until('the first is applied', isNoted(1));
    for await (const { name } of manager.consumers.list(stream)) await manager.consumers.delete(stream, name);
    await publish(1, 3);
    await until('all is applied', isNoted(3));
    expect(await noted()).toEqual(numbers(3));
  });

  it('applies all before a message that it can not apply, and nothing after it until it can', async () => {
    const projection = new Noting(database);
    projection.poison = '10';
    await publish(0, 600);
    await using _projector = start(projection);
    await until('all before it is applied', isNoted(10));
    const told = failures.length;
    await until('it told again', () => failures.length > told);
    expect(await noted()).toEqual(numbers(10));
    projection.poison = undefined;
    await until('all is applied', isNoted(600));
    expect(await noted()).toEqual(numbers(600));
  }, 60_000);

  describe('writes nothing and says why, when the log', () => {
    const refuses = async (reason: RegExp): Promise<void> => {
      const before = [await noted(), await checkpoint()];
      await using _projector = start();
      await until('it told twice', () => failures.length >= 2);
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(LogRolledBackError);
        expect((failure as Error).message).toMatch(reason);
      }
      expect([await noted(), await checkpoint()]).toEqual(before);
    };
    beforeEach(async () => {
      await publish(0, 5);
      await using _projector = start();
      await until('it is applied', isNoted(5));
    });

    it('was made anew', async () => {
      await manager.streams.delete(stream);
      await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
      await publish(100, 110);
      await refuses(/was replaced/);
    });

    it('ends before what was applied', async () => {
      await setCheckpoint('sequence', 7);
      await refuses(/ends at 5.*applied 7.*went back/);
    });

    it('went back and grew again', async () => {
      await setCheckpoint('digest', 'of another message');
      await publish(5, 9);
      await refuses(/another message at 5/);
    });
  });

  it('does not take for a log that went back what another projector applied while it began', async () => {
    await publish(0, 5);
    const first = start();
    await until('they are applied', isNoted(5));
    await first[Symbol.asyncDispose]();
    const other = new pg.Client({ connectionString: postgres.url });
    await other.connect();
    try {
      await other.query('begin; lock table projection_checkpoints in access exclusive mode');
      await using _second = start();
      await until('it waits for the checkpoint', async () => {
        const { rowCount } = await other.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rowCount === 1;
      });
      await publish(5, 8);
      await other.query('update projection_checkpoints set sequence = 8, digest = $1 where stream = $2', [
        digestOf(Buffer.from('7')),
        stream,
      ]);
      await other.query('commit');
      await publish(8, 9);
      await until('it goes on behind the other', isNoted(6));
    } finally {
      await other.end();
    }
    expect(await noted()).toEqual([...numbers(5), '8']);
    expect(failures).toEqual([]);
  });

  it('does not mind that old messages are trimmed', async () => {
    const first = start();
    await publish(0, 5);
    await until('they are applied', isNoted(5));
    await first[Symbol.asyncDispose]();
    await publish(5, 8);
    await manager.streams.purge(stream, { seq: 6 });
    await using _second = start();
    await until('the rest is applied', isNoted(8));
    expect(failures).toEqual([]);
  });

  it.each(['NATS', 'Postgres'])('ends at once while %s is away, and leaves no consumer', async (away) => {
    const target = new URL(postgres.url);
    await using proxy = await TcpProxy.start(away === 'NATS' ? nats.port : Number(target.port));
    if (away === 'Postgres') target.port = String(proxy.port);
    await using far = openDatabase(target.href);
    const url = away === 'NATS' ? `127.0.0.1:${proxy.port}` : nats.url;
    await using behind = await JetStreamConnection.open({ servers: [url], name: 'behind' });
    const projector = start(new Noting(far), behind, far);
    await publish(0, 1);
    await until('it is applied', isNoted(1));
    proxy.cut({ refusing: true });
    await publish(1, 2);
    await until('it told', () => failures.length > 0);
    const began = performance.now();
    await projector[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(1000);
    if (away === 'Postgres') expect((await manager.streams.info(stream)).state.consumer_count).toBe(0);
  });
});
